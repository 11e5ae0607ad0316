import { readdir, readFile, rename } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import type { Process, Run } from "../../support/engines";
import { images, pulumi, runPulumi, startImages } from "../../support/engines";
import { succeeded } from "../../support/expectations";
import type { Project } from "../../support/project";
import { makeProject } from "../../support/project";
import { look, named, stateFile } from "../../support/world";

/** Three are made at once; the last waits until `go` is there. */
const PROGRAM = `
  class Thing extends pulumi.CustomResource {
    constructor(name, args, opts) {
      const __provider = 'exports.handler = () => require("' + __dirname + '/provider.js")';
      super("pulumi-nodejs:dynamic/test:Thing", name, { name, ...args, __provider }, opts);
    }
  }
  const builder = vm("builder");
  const first = new Thing("first");
  new Thing("slow", { waits: true }, { dependsOn: [first, builder] });
  exports.builder = builder.id;
`;
const PROVIDER = `
const fs = require("node:fs");
const { setTimeout: pause } = require("node:timers/promises");
module.exports = {
  async diff() { return { changes: false }; },
  async create(inputs) {
    fs.appendFileSync(__dirname + "/calls", "create " + inputs.name + "\\n");
    while (inputs.waits && !fs.existsSync(__dirname + "/go")) await pause(5);
    return { id: inputs.name + "-1", outs: inputs };
  },
};
`;

describe("a second run on a stack", function () {
  let project: Project;
  let run: Process;
  const stackFile = (extension: string): string => stateFile(project).replace(/json$/, extension);
  const locks = (): string => path.join(project.dir, ".pulumi", "locks", "organization", project.name, "dev");
  const calls = async (): Promise<string[]> =>
    (await readFile(path.join(project.dir, "calls"), "utf8")).split("\n").filter(Boolean);

  beforeEach(async () => {
    project = await makeProject({ program: PROGRAM, files: { "provider.js": PROVIDER, calls: "" } });
    run = startImages(project, "up", "--skip-preview");
    while (!(await calls()).includes("create slow")) await pause(10);
  });
  afterEach(async () => {
    run.kill();
    await run.ended;
    await project.remove();
  });

  const go = (): Promise<void> => project.write({ files: { go: "" } });
  async function killed(): Promise<void> {
    run.kill();
    await run.ended;
  }

  it("is refused while the first is at work, and says who holds it: process, user, host, since when", async () => {
    for (const verb of ["up", "refresh", "destroy"] as const) {
      const { code, text } = await images.run(project, verb, "--skip-preview");
      expect(code).to.equal(1);
      expect(text).to.include(
        `error: Stack dev is locked by process ${run.pid} of ${userInfo().username} on ${hostname()}, since 20`,
      );
    }
    expect(await calls()).to.have.members(["create first", "create slow"]);
    await go();
    succeeded(await run.ended);
    succeeded(await images.run(project, "up", "--skip-preview", "--expect-no-changes"));
  });

  it("doesn't take up a first one that was stopped and not killed", async () => {
    run.kill("SIGSTOP");
    expect((await images.run(project, "up", "--skip-preview")).text).to.include(`process ${run.pid}`);
    run.kill("SIGCONT");
    await go();
    succeeded(await run.ended);
  });

  const suite = pulumi.available ? describe : describe.skip;
  suite("by the Pulumi CLI", () => {
    const cli = (...args: string[]): Promise<Run> => runPulumi(project, ...args, "--stack", "dev");
    const deploy = (verb: string): Promise<Run> => cli(verb, "--yes", "--skip-preview", "--non-interactive");

    it("is kept out by the lock, of a killed run too; once that is taken up it carries on, and makes nothing again", async () => {
      expect((await deploy("up")).text).to.match(/the stack is currently locked by 1 lock/);
      await killed();
      const refused = await deploy("up");
      expect(refused.code).not.to.equal(0);
      expect(refused.text).to.include(`(pid ${run.pid})`);
      await go();

      expect(succeeded(await images.run(project, "up")).text).to.match(/cut off while creating Thing slow/);
      succeeded(await cli("up", "--yes", "--non-interactive", "--expect-no-changes"));
      expect(await calls()).to.deep.equal(["create first", "create slow", "create slow"]);
      expect((await look(project)).records.instances).to.have.length(1);
    });

    it("deploys after `pulumi cancel` of a killed one: the next of ours refuses, and what it says to do loses nothing", async () => {
      await killed();
      succeeded(await runPulumi(project, "cancel", "--yes", "dev"));
      await go();
      succeeded(await deploy("up"));
      const before = {
        checkpoint: await readFile(stateFile(project)),
        journal: await readFile(stackFile("journal")),
      };

      for (const verb of ["preview", "up", "refresh", "destroy"] as const) {
        const { code, text } = await images.run(project, verb);
        expect(code).to.equal(1);
        expect(text).to.match(/error: .*dev\.journal is left from a run that was cut off \(up, started /);
        expect(text).to.include("move the journal away, and run `images refresh`");
        expect(text).to.include("A run was cut off while creating Thing slow");
        // The same ID twice is one thing.
        expect(text).not.to.include("created: Instance builder");
      }
      expect(await readFile(stateFile(project))).to.deep.equal(before.checkpoint);
      expect(await readFile(stackFile("journal"))).to.deep.equal(before.journal);
      expect(await readdir(locks())).to.deep.equal([]);

      await rename(stackFile("journal"), path.join(project.dir, "kept.journal"));
      succeeded(await images.run(project, "refresh"));
      succeeded(await images.run(project, "up", "--expect-no-changes"));
      const { resources, records } = await look(project);
      expect(records.instances.map(({ id }) => id)).to.deep.equal([named(resources, "builder").id]);
    });

    it("after `pulumi cancel` of a living one has that one stop, save nothing over it, and leave its journal", async () => {
      succeeded(await runPulumi(project, "cancel", "--yes", "dev"));
      const before = await readFile(stateFile(project));
      await go();
      const { code, text } = await run.ended;
      expect(code).to.equal(1);
      expect(text).to.match(/The lock of stack dev, .*, was taken away while this run was at work/);
      expect(text).not.to.match(/this is a bug|^\s+at /m);
      expect(await readFile(stateFile(project))).to.deep.equal(before);
      const next = succeeded(await images.run(project, "up", "--skip-preview"));
      expect(next.text).to.match(/The last run .* was cut off/);
      expect(await calls()).to.deep.equal(["create first", "create slow"]);
    });
  });
});

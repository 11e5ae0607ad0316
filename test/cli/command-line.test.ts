import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { images, runImages, startImages } from "../support/engines";
import type { Run } from "../support/engines";
import { makeProject } from "../support/project";
import type { Project } from "../support/project";

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
class Thing extends pulumi.dynamic.Resource {
  constructor(name, inputs) {
    super({
      async create(inputs) {
        if (inputs.slow) await new Promise((done) => setTimeout(done, inputs.slow));
        return { id: name + "-1", outs: inputs };
      },
    }, name, inputs);
  }
}
console.log("hello from the program");
const first = new Thing("first", { slow: config.getNumber("slow") });
new Thing("second", { of: first.id });
exports.id = first.id;
exports.token = pulumi.secret("hunter2");
`;

describe("the command line", () => {
  let project: Project;
  afterEach(() => project.remove());

  const make = async (program = PROGRAM): Promise<void> => {
    project = await makeProject({ files: { "index.js": program } });
    project = { ...project, env: { PULUMI_HOME: join(project.dir, "home") } };
  };
  const run = (...args: string[]): Promise<Run> => runImages(project, ...args);
  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, text, stdout } = await run(...args);
    expect(code, text).to.equal(0);
    return stdout;
  };
  /** What it says on standard error: one message, without a stack trace. */
  const fails = async (...args: string[]): Promise<string> => {
    const { code, text, stderr } = await run(...args);
    expect(code, text).to.be.above(0);
    expect(text).not.to.match(/^\s+at .*:\d+:\d+\)?$/m);
    expect(stderr.match(/^error: /gm), stderr).to.have.length(1);
    return stderr;
  };

  it("makes stack dev at the first up of a project without stacks, and says so; a preview makes none", async () => {
    await make();
    await succeeds("preview");
    expect(await succeeds("stack", "ls")).to.match(/has no stacks yet/);
    expect(await succeeds("up", "--yes")).to.match(/Stack dev is new/);
    expect(await succeeds("stack", "ls")).to.equal("* dev\n");
    expect(await succeeds("up", "--yes", "--expect-no-changes")).to.match(/No changes: 3 unchanged/);
    expect(await succeeds("stack", "output")).to.equal("id\tfirst-1\ntoken\t[secret]\n");
    expect(await succeeds("stack", "output", "token", "--show-secrets")).to.equal("hunter2\n");
    expect(JSON.parse(await succeeds("stack", "output", "--json"))).to.deep.equal({
      id: "first-1",
      token: "[secret]",
    });
    expect(await fails("stack", "output", "none")).to.match(/no output none; it has id, token/);
  });

  it("prints engine events and nothing else on standard output with --json", async () => {
    await make();
    const lines = (await succeeds("up", "--yes", "--skip-preview", "--json")).trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, index) => index));
    const kinds = events.map((event) => Object.keys(event).find((key) => key.endsWith("Event")));
    expect(kinds[0]).to.equal("preludeEvent");
    expect(kinds.slice(-2)).to.deep.equal(["summaryEvent", "cancelEvent"]);
    expect(kinds).to.include.members(["resourcePreEvent", "resOutputsEvent", "diagnosticEvent"]);
    expect(events.at(-2)!.summaryEvent).to.deep.include({
      resourceChanges: { create: 3 },
      result: "succeeded",
    });
    expect(lines.join()).not.to.include("hunter2");
  });

  it("asks nobody where there is no terminal: --yes is needed to change anything", async () => {
    await make();
    const codes: (number | null)[] = [];
    for (const command of ["up", "destroy", "refresh", "stack rm"]) {
      const { code, stderr } = await run(...command.split(" "));
      expect(stderr).to.match(/^error: --yes is needed/);
      codes.push(code);
    }
    expect(codes, "the Pulumi CLI's").to.deep.equal([2, 2, 1, 1]);
    expect(await readdir(project.dir)).not.to.include(".pulumi");
  });

  it("fails with --expect-no-changes where something would change, and changes nothing", async () => {
    await make();
    expect(await fails("preview", "--expect-no-changes")).to.match(/--expect-no-changes/);
    await fails("up", "--yes", "--expect-no-changes");
    expect(await succeeds("stack", "ls")).to.match(/no stacks yet/);
  });

  it("ends what is at work at the first interrupt, and starts no more", async () => {
    await make();
    await succeeds("config", "set", "slow", "3000");
    const up = startImages(project, "up", "--skip-preview");
    while (!up.text().includes("creating Resource first")) await new Promise((done) => setTimeout(done, 50));
    up.kill("SIGINT");
    const { code, text } = await up.ended;
    expect(code, text).to.equal(1);
    expect(text)
      .to.match(/Stopping: steps at work may end/)
      .and.match(/created Resource first/)
      .and.not.match(/Resource second/);
    expect(text).to.match(/Cancelled/);
    expect(await succeeds("up", "--yes"))
      .to.match(/created Resource second/)
      .and.not.match(/created Resource first/);
  });

  it("makes, selects and removes stacks, and takes the selected one by default", async () => {
    await make();
    await succeeds("stack", "init", "one");
    await succeeds("stack", "init", "two");
    expect(await succeeds("stack", "ls")).to.equal("  one\n* two\n");
    await succeeds("stack", "select", "one");
    expect(JSON.parse(await succeeds("stack", "ls", "--json"))).to.deep.equal([
      { name: "one", current: true },
      { name: "two", current: false },
    ]);
    expect(await fails("stack", "init", "one")).to.match(/exists already/);
    expect(await fails("stack", "init", "a/b")).to.match(/isn't of project/);
    expect(await fails("up", "--yes", "--stack", "three")).to.match(/has no stack three \(it has one, two\)/);
    await succeeds("stack", "rm", "--yes", "one");
    expect(await readdir(project.dir))
      .to.include("Pulumi.two.yaml")
      .and.not.include("Pulumi.one.yaml");
    expect(await succeeds("stack", "ls")).to.equal("* two\n");
  });

  it("asks which stack is meant where several stand and none is selected", async () => {
    await make();
    await succeeds("stack", "init", "one");
    await succeeds("stack", "init", "two");
    await rm(join(project.dir, "home"), { recursive: true });
    expect(await fails("stack", "output")).to.match(/several stacks: one, two.*--stack/);
  });

  it("exports a state that it takes back, secrets encrypted or, where asked for, in plain text", async () => {
    await make();
    await succeeds("up", "--yes", "--skip-preview");
    const file = join(project.dir, "state.json");
    for (const more of [[], ["--show-secrets"]]) {
      await succeeds("stack", "export", "--file", file, ...more);
      expect((await readFile(file, "utf8")).includes("hunter2")).to.equal(more.length > 0);
      expect(await succeeds("stack", "import", "--file", file)).to.match(/now has the 4 resources/);
      expect(await succeeds("stack", "output", "token", "--show-secrets")).to.equal("hunter2\n");
    }
    expect(await succeeds("up", "--yes", "--expect-no-changes")).to.match(/No changes/);
    expect(await fails("stack", "rm", "--yes")).to.match(/still has 2 resources/);
    await writeFile(file, (await readFile(file, "utf8")).replaceAll("urn:pulumi:dev::", "urn:pulumi:prod::"));
    expect(await fails("stack", "import", "--file", file)).to.match(/of another stack or project/);
    expect(await fails("stack", "import", "--file", join(project.dir, "none"))).to.match(/no such file/);
  });

  it("keeps configuration, secrets encrypted", async () => {
    await make();
    await succeeds("config", "set", "greeting", "hello");
    await succeeds("config", "set", "--secret", "token", "hunter2");
    await succeeds("config", "set", "images:region", "local");
    expect(await succeeds("config")).to.equal(
      "greeting       hello\ntoken          [secret]\nimages:region  local\n",
    );
    expect(await succeeds("config", "--show-secrets")).to.match(/token +hunter2/);
    expect(await succeeds("config", "get", "token")).to.equal("hunter2\n");
    expect(await readFile(join(project.dir, "Pulumi.dev.yaml"), "utf8")).not.to.include("hunter2");
    await succeeds("config", "rm", "greeting");
    expect(await fails("config", "get", "greeting")).to.match(/no configuration greeting/);
    expect(await fails("config", "rm", "greeting")).to.match(/no configuration greeting/);
  });

  it("says in one message what is wrong with a program, and exits with 1", async () => {
    await make("throw new Error('broken on purpose')");
    const { code, text } = await images.run(project, "preview");
    expect(code).to.equal(1);
    expect(text).to.match(/broken on purpose/);
    expect(text).to.match(/Preview failed\. Nothing was changed\./);
  });

  it("heeds the variables and the options of the CLI, and refuses by name what it doesn't have", async () => {
    await make();
    const given = { ...project.env };
    const withEnv = (env: NodeJS.ProcessEnv): void =>
      void (project = { ...project, env: { ...given, ...env } });
    expect(await fails("up", "--yes", "--target", "urn")).to.match(
      /unknown option '--target'[^]*what only the Pulumi CLI has, it does on the same state/,
    );
    withEnv({ PULUMI_CONTINUE_ON_ERROR: "true" });
    expect(await fails("up", "--yes")).to.match(/PULUMI_CONTINUE_ON_ERROR isn't supported/);
    withEnv({ PULUMI_PARALLEL: "many" });
    expect(await fails("up", "--yes")).to.match(/PULUMI_PARALLEL[^]*whole number/);
    withEnv({ CI: "", PULUMI_SKIP_CONFIRMATIONS: "false" });
    expect(await fails("up", "--non-interactive")).to.match(/--yes is needed/);
    expect(await succeeds("stack", "ls")).to.match(/has no stacks yet/);
    withEnv({ PULUMI_SKIP_CONFIRMATIONS: "true", PULUMI_PARALLEL: "2" });
    await succeeds("up", "-s", "dev", "-C", project.dir, "-m", "the first one");
    const history = join(project.dir, ".pulumi", "history", project.name, "dev");
    const [record] = (await readdir(history)).filter((it) => it.endsWith(".history.json"));
    expect(JSON.parse(await readFile(join(history, record!), "utf8"))).to.include({
      message: "the first one",
    });
  });

  it("says in one message what is wrong around it", async () => {
    await make();
    await mkdir(join(project.dir, "sub"));
    expect(await fails("preview", "--parallel", "0")).to.match(/whole number from 1/);
    expect(await fails("preview", "--cwd", "/")).to.match(/no Pulumi\.yaml/);
    expect(await fails("nonsense")).to.match(/unknown command/);
    expect(await fails("destroy", "--yes")).to.match(/no stack dev \(it has none yet\)/);
    await writeFile(join(project.dir, "Pulumi.dev.yaml"), "environment: [prod]\n");
    expect(await fails("preview", "--cwd", join(project.dir, "sub"))).to.match(
      /Pulumi\.dev\.yaml:1: "environment"/,
    );
  });
});

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { images, runImages } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import type { Project } from "../support/project";
import { itEmbedded } from "../support/regions/region-under-test";
import { look, stateFile } from "../support/world";

const program = `const builder = vm("builder"); new PrivateImage("golden", { instance: builder });`;

/** Up ends with exit code 1, says all of it, and leaves everything as it was, where that can be looked at at all. */
async function fails(project: Project, ...messages: (string | RegExp)[]): Promise<void> {
  const before = await look(project).catch(() => undefined);
  const run = await images.run(project, "up");
  expect(run.code, run.text).to.equal(1);
  const text = run.text.replace(/\s+/g, " ");
  for (const message of messages) {
    if (typeof message === "string") expect(text).to.include(message);
    else expect(text).to.match(message);
  }
  expect(run.text).not.to.match(/^\s+at .*:\d+:\d+\)?$/m);
  if (before) expect(await look(project)).to.deep.equal(before);
}

describe("bad input", () => {
  describe("in a project with a stack", () => {
    const project = withProject({ program }, async (made) => succeeded(await images.run(made, "up")));
    let good: string;
    before(async () => (good = await readFile(stateFile(project()), "utf8")));
    afterEach(async () => {
      await writeFile(stateFile(project()), good);
      await project().write({
        program,
        region: "region: local\naccounts: [{ name: default }]\n",
        files: { "Pulumi.dev.yaml": await salt() },
      });
    });
    let kept: string | undefined;
    const salt = async () =>
      (kept ??= await readFile(path.join(project().dir, "Pulumi.dev.yaml"), "utf8").catch(() => ""));

    itEmbedded("a region file with an unknown key is refused with its line", async () => {
      await project().write({ region: "region: local\naccounts:\n  - name: default\n    quota: 5\n" });
      await fails(project(), /region\.yaml:4/, "quota");
    });

    itEmbedded("a region file that is no YAML is refused with its line", async () => {
      await project().write({ region: "region: local\naccounts: [\n" });
      await fails(project(), /region\.yaml:[23]/);
    });

    it("an account of the configuration that the region doesn't have is refused", async () => {
      await project().write({
        files: { "Pulumi.dev.yaml": `${await salt()}\nconfig:\n  images:account: nobody\n` },
      });
      await fails(project(), "nobody", "default");
    });

    it("an unknown setting of images in the configuration is refused, naming the nearest", async () => {
      await project().write({
        files: { "Pulumi.dev.yaml": `${await salt()}\nconfig:\n  images:acount: default\n` },
      });
      await fails(project(), "acount", "account");
    });

    it("a state file that is cut off is refused, and left as it is", async () => {
      const broken = good.slice(0, good.length / 2);
      await writeFile(stateFile(project()), broken);
      await fails(project(), "dev.json");
      expect(await readFile(stateFile(project()), "utf8")).to.equal(broken);
    });

    it("a state file of a later format is refused by its version", async () => {
      await writeFile(stateFile(project()), good.replace(/"version":\s*3/, '"version": 99'));
      await fails(project(), "99");
    });

    it("a state with something unsupported is refused by its name", async () => {
      const state = JSON.parse(good);
      state.checkpoint.latest.resources.at(-1).hooks = { beforeDelete: ["hook"] };
      await writeFile(stateFile(project()), JSON.stringify(state));
      await fails(project(), /hooks/);
    });

    it("a state locked by another machine is refused, saying by whom", async () => {
      const locks = path.join(project().dir, ".pulumi", "locks", "organization", project().name, "dev");
      await mkdir(locks, { recursive: true });
      const lock = path.join(locks, "6f5f3d2e-5d3f-4a39-8b6f-0d1f6a1d3c11.json");
      await writeFile(
        lock,
        JSON.stringify({
          pid: 1,
          username: "someone",
          hostname: "elsewhere",
          timestamp: "2026-01-01T00:00:00Z",
        }),
      );
      await fails(project(), "locked", "someone", "elsewhere");
      await rm(lock);
    });

    it("a program that fails says where, and deletes nothing", async () => {
      await project().write({ program: `const builder = vm("builder");\nthrow new Error("out of ideas");` });
      const before = await look(project());
      const run = await images.run(project(), "up");
      expect(run.code).to.equal(1);
      expect(run.text).to.include("out of ideas").and.include("index.js");
      expect(await look(project())).to.deep.equal(before);
    });

    it("a disk file whose size isn't whole is refused", async () => {
      await project().write({
        program: `new Instance("odd", { diskFile: "odd.raw", systemDisk: { type: "localDisk" } });`,
        files: { "odd.raw": "x" },
      });
      await fails(project(), "odd.raw");
    });
  });

  describe("around a project", () => {
    const project = withProject({});

    it("no Pulumi.yaml is told", async () => {
      const run = await runImages(
        { ...project(), dir: path.dirname(project().dir) },
        "preview",
        "--stack",
        "dev",
      );
      expect(run.code).to.equal(1);
      expect(run.text).to.include("There is no Pulumi.yaml");
    });

    it("a stack name that can't be is refused", async () => {
      const run = await runImages(project(), "preview", "--stack", "a b");
      expect(run.code).to.equal(1);
      expect(run.text).to.include("stack's name");
    });

    it("a command that there isn't is refused", async () => {
      const run = await runImages(project(), "uppp");
      expect(run.code).to.equal(1);
      expect(run.text).to.match(/unknown command|up/);
    });
  });
});

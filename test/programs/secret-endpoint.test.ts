import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { describeForEngines, runImages } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import type { Project } from "../support/project";
import { describeTeam } from "../support/regions/region-under-test";

/** Every byte that the project's folder holds, by file. */
async function kept({ dir }: Project): Promise<[string, string][]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"));
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [file, await readFile(file, "latin1")] as [string, string];
    }),
  );
}

describeTeam("a region whose password is secret configuration", () => {
  describeForEngines("and stands nowhere in plain text", (engine) => {
    const project = withProject({
      program: `
        const golden = new PrivateImage("golden", { instanceId: vm("builder").id });
        exports.found = getImageOutput({ id: golden.id }).name;
        exports.quotas = getQuotas({});
      `,
    });
    const setEndpoint = async (endpoint: string) =>
      succeeded(
        await runImages(
          project(),
          "config",
          "set",
          "--secret",
          "--stack",
          "dev",
          "images:endpoint",
          endpoint,
        ),
      );

    it("serves programs, lookups and commands", async () => {
      const { endpoint } = project().region;
      const password = new URL(endpoint).password;
      // The one of the environment is none of this login's.
      (project() as { env: NodeJS.ProcessEnv }).env = { ...project().env, PGPASSWORD: "another" };
      succeeded(await runImages(project(), "stack", "init", "dev"));
      await setEndpoint(endpoint);
      const commands = [["list"], ["quotas"], ["lineage"], ["keys", "list"], ["doctor"]];
      const texts = [
        succeeded(await engine.run(project(), "up")).text,
        succeeded(await engine.run(project(), "up")).text,
      ];
      for (const command of commands) {
        texts.push(succeeded(await runImages(project(), ...command, "--stack", "dev")).text);
      }
      for (const text of [texts[2], texts[4]]) expect(text).to.contain("golden");
      for (const text of texts) expect(text).not.to.contain(password);
      for (const [file, text] of await kept(project())) {
        expect(text.includes(password), `the password stands in ${file}`).to.equal(false);
      }
    });

    it("isn't told where it is wrong", async () => {
      const { endpoint } = project().region;
      const password = new URL(endpoint).password;
      await setEndpoint(endpoint.replace(`:${password}@`, `:${password}x@`));
      const { code, text } = await engine.run(project(), "preview");
      expect(code).not.to.equal(0);
      expect(text.replace(/\s+/g, " ")).to.match(/the server doesn't let login_\S+ in/);
      expect(text).not.to.contain(password);
    });
  });
});

import { readdir } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { images } from "../../support/engines";
import type { Run } from "../../support/engines";
import { succeeded, withProject } from "../../support/expectations";
import { look } from "../../support/world";
import { failure, StackFolder, thing } from "../state/stack-folder";
import { describeWithTmpfs, Tmpfs } from "./tmpfs";

const IDS = ["one", "two", "three"];

describeWithTmpfs("a disk that the state is on", () => {
  let disk: Tmpfs;
  beforeEach(() => (disk = Tmpfs.mount(512)));
  afterEach(() => disk.remove());

  describe("and that gets full in the middle of a run", () => {
    /** Records creations with large states until the disk takes no more; how many it has taken. */
    async function recordUntilFull(folder: StackFolder) {
      const session = await folder.store().begin("up");
      const resources = [];
      for (let step = 0; ; step++) {
        const state = thing(`t${step}`, { outputs: { text: "x".repeat(10_000) } });
        resources.push(state);
        session.append({ kind: "end", step, state });
        const said = await failure(session.flush());
        if (said !== "no error") return { session, resources, said, taken: step };
      }
    }

    it("stops the run with a message that names what isn't recorded; the rest is there when there is space", async () => {
      const folder = StackFolder.at(disk.folder);
      const { session, resources, said, taken } = await recordUntilFull(folder);
      expect(said).to.match(
        /^UserError: Writing the journal .*dev\.journal failed: no space left on the device\.$/,
      );
      expect(taken).to.be.above(3);
      const message = await failure(session.finish({ resources, pendingOperations: [] }, "failed"));
      expect(message).to.match(/^UserError: Writing the state .* failed: no space left/);
      expect(message).to.include(`created Thing t${taken} (t${taken}-1)`).and.not.to.include("t0 ");

      expect(await failure(folder.store().begin("up"))).to.match(/no space left/);
      expect((await folder.store().load()).snapshot.resources).to.have.length(taken);
      expect(await readdir(folder.files.locks)).to.deep.equal([]);

      disk.grow(4096);
      const next = await folder.store().begin("up");
      expect(next.base.resources).to.have.length(taken);
      await next.finish(next.base, "succeeded");
    });

    it("loses nothing where space is made before the run ends", async () => {
      const folder = StackFolder.at(disk.folder);
      const { session, resources } = await recordUntilFull(folder);
      disk.grow(4096);
      await session.finish({ resources, pendingOperations: [] }, "failed");
      expect((await folder.store().load()).snapshot.resources).to.have.length(resources.length);
    });
  });

  describe("under a whole program", () => {
    const project = withProject({
      program: `for (const name of ${JSON.stringify(IDS)}) vm(name);`,
    });
    const run = (verb: "up" | "preview", ...args: string[]): Promise<Run> =>
      images.run({ ...project(), env: { PULUMI_BACKEND_URL: `file://${disk.folder}` } }, verb, ...args);

    function expectRefused({ code, text }: Run, message: RegExp): void {
      expect(code).to.equal(1);
      expect(text)
        .to.match(message)
        .and.not.to.match(/this is a bug|^\s+at /m);
    }

    it("full or read-only, is refused before anything is done, with the file and why", async () => {
      await disk.fill();
      expectRefused(
        await run("up", "--skip-preview"),
        /error: .*\.pulumi.* failed: no space left on the device/,
      );
      disk.makeReadOnly(true);
      expectRefused(
        await run("up", "--skip-preview"),
        /error: .*\.pulumi.* failed: (the file system|.*) is read-only/,
      );
      disk.makeReadOnly(false);
      await disk.free();
      expect((await look(project())).records.instances).to.deep.equal([]);

      succeeded(await run("up"));
      disk.makeReadOnly(true);
      succeeded(await run("preview", "--expect-no-changes"));
      expectRefused(await run("up"), /error: Locking stack dev in .* failed: the file system is read-only/);
      expect((await look(project())).records.instances).to.have.length(IDS.length);
      expect(await readdir(path.join(disk.folder, ".pulumi", "stacks", "program"))).not.to.include(
        "dev.journal",
      );
    });
  });
});

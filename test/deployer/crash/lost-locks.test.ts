import { readdir, rm } from "node:fs/promises";
import { expect } from "chai";
import { failure, StackFolder, thing } from "../state/stack-folder";

describe("a run whose lock is taken away while it is at work", () => {
  let folder: StackFolder;
  beforeEach(async () => {
    folder = await StackFolder.make();
  });
  afterEach(() => folder.remove());

  async function locklessRun() {
    const session = await folder.store().begin("up");
    await rm(folder.files.locks, { recursive: true });
    session.append({ kind: "end", step: 0, state: thing("a") });
    return session;
  }
  const made = { resources: [thing("a")], pendingOperations: [] };

  it("begins nothing further, saves nothing, and leaves what it did to the next run", async () => {
    const session = await locklessRun();
    const before = await folder.checkpoint();
    expect(await failure(session.flush())).to.match(
      /^UserError: The lock of stack dev, .*\.json, was taken away while this run was at work/,
    );
    const message = await failure(session.finish(made, "succeeded"));
    expect(message).to.match(/What it has done is in its journal, which the next run takes up\.$/);
    expect(await folder.checkpoint()).to.equal(before);
    const next = await folder.store().begin("up");
    expect(next.base.resources).to.deep.equal(made.resources);
    await next.finish(next.base, "succeeded");
  });

  it("leaves a run that has begun since alone, and names what that one can't know of", async () => {
    const session = await locklessRun();
    const other = await folder.store().begin("up");
    other.append({ kind: "end", step: 0, state: thing("b") });
    await other.flush();
    const message = await failure(session.finish(made, "succeeded"));
    expect(message).to.match(/No file holds that the run has:\n {2}created Thing a \(a-1\)/);
    expect(await readdir(folder.files.locks)).to.have.length(1);
    await other.finish({ resources: [thing("b")], pendingOperations: [] }, "succeeded");
    expect((await folder.store().load()).snapshot.resources).to.deep.equal([thing("b")]);
  });
});

import { expect } from "chai";
import { ProgramFolder } from "./program-folder";

describe("refresh", () => {
  let program: ProgramFolder;
  beforeEach(async () => (program = await ProgramFolder.make()));
  afterEach(() => program.remove());

  it("finds everything as it was, and changes nothing", async () => {
    await program.up(`new Thing("a", {});`);
    const run = await program.run("refresh");
    expect(run.changes).to.deep.equal({ same: 2 });
    expect(run.calls).to.deep.equal(["read a", "diff a"]);
    expect(program.names()).to.deep.equal(["test-dev", "default", "a"]);
  });

  it("takes what is gone out of the state, and the next up makes it again", async () => {
    const body = `const a = new Thing("a", {}); new Thing("b", { from: a.id });`;
    await program.up(body);
    await program.file("gone-a");
    const run = await program.run("refresh");
    expect(run.changes).to.deep.equal({ same: 2, delete: 1 });
    expect(program.names()).to.deep.equal(["test-dev", "default", "b"]);
    expect(program.state("b")!.dependencies).to.deep.equal([]);
    expect((await program.up(body)).changes).to.deep.equal({ same: 2, create: 1 });
  });

  it("only tells, where it is a preview", async () => {
    await program.up(`new Thing("a", {});`);
    await program.file("gone-a");
    const run = await program.run("refresh", { preview: true } as never);
    expect(run.changes).to.deep.equal({ same: 1, delete: 1 });
    expect(program.names()).to.include("a");
  });
});

import { expect } from "chai";
import { ProgramFolder } from "./program-folder";

describe("destroy", () => {
  let program: ProgramFolder;
  beforeEach(async () => (program = await ProgramFolder.make()));
  afterEach(() => program.remove());

  it("deletes everything, dependents first, without running the program", async () => {
    await program.up(
      `const a = new Thing("a", {}); new Group("g", {}, (parent) => new Thing("b", { from: a.id }, { parent }).id);`,
    );
    await program.write(`throw new Error("not to be run");`);
    const run = await program.run("destroy");
    expect(run.result).to.equal("succeeded");
    expect(run.calls).to.deep.equal(["delete b", "delete a"]);
    expect(program.store.snapshot.resources).to.deep.equal([]);
  });

  it("only tells, where it is a preview", async () => {
    await program.up(`new Thing("a", {});`);
    const run = await program.run("destroy", { preview: true } as never);
    expect(run.changes).to.deep.equal({ delete: 2 });
    expect(run.calls).to.deep.equal([]);
    expect(program.names()).to.include("a");
  });

  it("keeps what is protected and what it needs, and tells", async () => {
    await program.up(
      `const a = new Thing("a", {}); new Thing("b", { from: a.id }, { protect: true }); new Thing("c", {});`,
    );
    const run = await program.run("destroy");
    expect(run.result).to.equal("failed");
    expect(run.calls).to.deep.equal(["delete c"]);
    expect(program.names()).to.deep.equal(["test-dev", "default", "a", "b"]);
  });

  for (const stackless of [false, true]) {
    it(`tells what a provider throws ${stackless ? "without a stack" : "with its stack"} once, and what it prints`, async () => {
      await program.up(`new Thing("a", { stuck: "in use:\\n- by b", stackless: ${stackless} });`);
      const run = await program.run("destroy");
      expect(run.errors).to.deep.equal(["a: in use:\n- by b"]);
      const printed = run.events.filter((it) => it.type === "diagnostic");
      expect(printed.map(({ message }) => message)).to.deep.equal(["deleting a"]);
    });
  }

  it("of an empty stack has nothing to do", async () => {
    await program.write("");
    expect((await program.run("destroy")).result).to.equal("succeeded");
  });
});

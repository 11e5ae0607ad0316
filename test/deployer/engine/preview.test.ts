import { expect } from "chai";
import { UNKNOWN } from "../../../deployer/wire/property-value";
import { ProgramFolder } from "./program-folder";

describe("preview", () => {
  let program: ProgramFolder;
  beforeEach(async () => (program = await ProgramFolder.make()));
  afterEach(() => program.remove());

  it("tells what up would do, and does nothing", async () => {
    const run = await program.preview(
      `const a = new Thing("a", {}); new Thing("b", { from: a.made }); exports.out = a.made;`,
    );
    expect(run.result).to.equal("succeeded");
    expect(run.changes).to.deep.equal({ create: 3 });
    expect(run.calls).to.deep.equal(["check a", "check b"]);
    expect(program.store.snapshot.resources).to.deep.equal([]);
    expect(run.events).to.deep.include({ type: "outputs", outputs: { out: UNKNOWN }, old: undefined });
  });

  it("knows what check adds, and not what only creation makes", async () => {
    const run = await program.preview(
      `const a = new Thing("a", {}); new Thing("b", { checkedOfA: a.checked, madeOfA: a.made });`,
    );
    const b = run.events.find((it) => it.type === "stepDone" && it.step.urn.endsWith("::b"));
    expect(b?.type === "stepDone" && b.step.new!.inputs).to.deep.include({
      checkedOfA: true,
      madeOfA: UNKNOWN,
    });
  });

  it("reports all that is refused in the whole program, each with its property and line", async () => {
    const run = await program.preview(
      `
      const a = new Thing("a", { refuse: "too many" });
      const b = new Thing("b", { from: a.made });
      new Thing("c", { refuse: "too big", from: b.checked });`,
    );
    expect(run.result).to.equal("failed");
    expect(run.errors.map((it) => it.replace(/^index.js:\d+ /, ""))).to.deep.equal([
      "refuse: too many",
      "refuse: too big",
    ]);
    expect(run.errors.every((it) => it.startsWith("index.js:"))).to.equal(true);
    expect(run.steps).to.include("create b");
  });

  it("comes first in up, which then changes nothing where something is refused", async () => {
    await program.write(`new Thing("a", {}); new Thing("b", { refuse: "no" });`);
    const run = await program.run("up");
    expect(run.result).to.equal("failed");
    expect(run.calls).to.have.members(["check a", "check b"]);
    expect(program.store.snapshot.resources).to.deep.equal([]);
  });

  it("tells of a protected resource that would be replaced", async () => {
    await program.up(`new Thing("a", { r: 1 }, { protect: true });`);
    const run = await program.preview(`new Thing("a", { r: 2 }, { protect: true });`);
    expect(run.result).to.equal("failed");
    expect(run.errors[0]).to.contain("protected");
  });

  const refusals: [string, string, string][] = [
    ["the option import", `new Thing("a", {}, { import: "x" });`, "The option import of a"],
    [
      "the option replaceWith",
      `const b = new Thing("b", {}); new Thing("a", {}, { replaceWith: [b] });`,
      "The option replaceWith of a",
    ],
    [
      "the option replacementTrigger",
      `new Thing("a", {}, { replacementTrigger: "x" });`,
      "The option replacementTrigger of a",
    ],
    [
      "the option pluginDownloadURL",
      `new Thing("a", {}, { pluginDownloadURL: "https://x" });`,
      "The option pluginDownloadURL of a",
    ],
    [
      "the option transforms",
      `new Thing("a", {}, { transforms: [async (x) => x] });`,
      "The option transforms of a",
    ],
    [
      "a nested path in ignoreChanges",
      `new Thing("a", {}, { ignoreChanges: ["x.y"] });`,
      `The path "x.y" in the option ignoreChanges of a`,
    ],
    [
      "an archive",
      `new Thing("a", { x: new pulumi.asset.FileArchive(".") });`,
      "An archive among the properties of a",
    ],
    [
      "a StackReference",
      `new pulumi.StackReference("organization/p/s");`,
      "StackReference of organization/p/s",
    ],
    [
      "a remote component",
      `new pulumi.ComponentResource("x:y:Z", "a", {}, {}, true);`,
      "A remote component of a",
    ],
    [
      "a stack transform",
      `pulumi.runtime.registerResourceTransform(async (x) => x);`,
      "A transform of the stack's resources",
    ],
    ["a hook", `new Thing("a", {}, { hooks: { beforeCreate: [async () => {}] } });`, "A resource hook"],
  ];
  for (const [name, body, words] of refusals) {
    it(`refuses ${name} by name`, async () => {
      const run = await program.preview(body);
      expect(run.result).to.equal("failed");
      expect(run.errors.join("\n")).to.contain(words);
      expect(run.errors.join("\n")).to.contain(
        "isn't supported by images: the Pulumi CLI on the same state is the way to it",
      );
      expect(run.errors).to.have.length(1);
    });
  }

  it("refuses two resources of one name", async () => {
    const run = await program.preview(`new Thing("a", {});\nnew Thing("a", {});`);
    expect(run.errors).to.have.length(1);
    expect(run.errors[0]).to.contain(`Two resources are called "a"`);
  });

  it("says which plugin isn't there", async () => {
    const run = await program.preview(
      `new pulumi.CustomResource("nosuch:index:Thing", "a", {}, { version: "1.2.3" });`,
    );
    expect(run.errors).to.have.length(1);
    expect(run.errors[0]).to.contain(`pulumi-resource-nosuch`);
  });
});

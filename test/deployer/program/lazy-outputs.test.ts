import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { transferLazily } from "../../../deployer/program/lazy-outputs";
import type { OutputMaker } from "../../../deployer/program/lazy-outputs";

describe("a lazy output", () => {
  let made: number;
  const connectionLost = new Error("the connection is lost");
  const transfer = transferLazily({
    Output: new Proxy(pulumi.Output as unknown as OutputMaker["Output"], {
      construct(target, args, newTarget) {
        made++;
        return Reflect.construct(target, args, newTarget) as object;
      },
    }),
    watch: (promise) => promise,
    isGrpcError: (error) => error === connectionLost,
  });

  type Shown = { value: unknown; isKnown: boolean; isSecret: boolean };
  const shown = async (output: unknown): Promise<Shown> => {
    const all = output as {
      promise(): Promise<unknown>;
      isKnown: Promise<boolean>;
      isSecret: Promise<boolean>;
    };
    return { value: await all.promise(), isKnown: await all.isKnown, isSecret: await all.isSecret };
  };

  beforeEach(() => (made = 0));

  it("isn't made where nobody asks anything of it", () => {
    const resource: Record<string, unknown> = {};
    const { size } = transfer(resource, "disk", { size: 40 });
    size!(40, true, false);
    expect(made).to.equal(0);
  });

  it("has what its resource was answered, whether it is asked before the answer or after", async () => {
    const resource: Record<string, unknown> = {};
    const { before, after } = transfer(resource, "disk", { before: 1, after: 1 });
    const early = shown(resource["before"]);
    before!("x", true, true);
    after!("x", true, true);
    const expected = { value: "x", isKnown: true, isSecret: true };
    expect(await early).to.deep.equal(expected);
    expect(await shown(resource["after"])).to.deep.equal(expected);
    expect(made).to.equal(2);
  });

  it("is an output to the SDK and to the program, always the same", async () => {
    const resource: Record<string, unknown> = {};
    transfer(resource, "disk", { tags: {} })["tags"]!({ team: "web" }, true, false);
    const tags = resource["tags"] as pulumi.Output<{ team: string }>;
    expect(pulumi.Output.isInstance(tags)).to.equal(true);
    expect(Object.keys(resource)).to.deep.equal(["tags"]);
    expect(resource["tags"]).to.equal(tags);
    expect(await shown(tags.team)).to.include({ value: "web" });
    expect(await shown(pulumi.interpolate`of ${tags.apply((it) => it.team)}`)).to.include({
      value: "of web",
    });
    expect(inspect(tags)).to.match(/^OutputImpl/);
    expect(made).to.equal(1);
  });

  it("names the resource that it comes from", () => {
    const resource: Record<string, unknown> = {};
    transfer(resource, "disk", { size: 1 });
    const { resources } = resource["size"] as { resources(): Set<unknown> };
    expect([...resources()]).to.deep.equal([resource]);
  });

  it("fails as its resource does", async () => {
    const resource: Record<string, unknown> = {};
    transfer(resource, "disk", { size: 1 })["size"]!(undefined, true, false, [], new Error("refused"));
    const error = await shown(resource["size"]).catch((it: Error) => it);
    expect(error).to.have.property("message", "refused");
  });

  it("stays open where the connection to the engine is lost, which is told elsewhere", async () => {
    const resource: Record<string, unknown> = {};
    transfer(resource, "disk", { size: 1 })["size"]!(undefined, true, false, [], connectionLost);
    const settled = shown(resource["size"]).then(() => "settled");
    expect(await Promise.race([settled, new Promise((resolve) => setImmediate(resolve, "open"))])).to.equal(
      "open",
    );
  });

  it("leaves ID and URN, and refuses a property that is there already", () => {
    const resource: Record<string, unknown> = { size: 1 };
    expect(transfer(resource, "disk", { id: 1, urn: 1 })).to.deep.equal({});
    expect(() => transfer(resource, "disk", { size: 2 })).to.throw("'size' is already initialized");
  });
});

import { expect } from "chai";
import type { PropertyMap } from "../../../deployer/wire/property-value";
import { describeRandomProvider } from "./random-provider.contract";
import type { RandomClient } from "./provider-client";
import { randomPlugin } from "../../support/random-plugin";
import { startBuiltIn, startPlugin } from "./provider-client";

describe("deployer/random", () => {
  describeRandomProvider("the built-in provider", startBuiltIn);
  describeRandomProvider(
    "Pulumi's own plugin, where it is installed",
    randomPlugin() ? startPlugin : undefined,
  );

  describe("beyond the plugin", () => {
    let provider: RandomClient;
    before(async () => (provider = await startBuiltIn()));
    after(() => provider.close());

    it("refuses a seed, which only the plugin can honour, and keeps what was drawn from it", async () => {
      const seeded = { min: 1, max: 100, seed: "s" };
      const [reason] = await provider.check("RandomInteger", seeded);
      expect(reason).to.match(/seed.*plugin/);
      expect(await provider.check("RandomInteger", seeded, seeded)).to.deep.equal([]);
    });

    it("refuses a minimum above the maximum already in the check", async () => {
      expect(await provider.check("RandomInteger", { min: 2, max: 1 })).to.deep.equal([
        "min (2) is larger than max (1)",
      ]);
    });

    it("reports all wrong inputs at once", async () => {
      expect(await provider.check("RandomPet", { length: "x", prefix: ["a"] })).to.deep.equal([
        "length must be a whole number",
        "prefix must be a string",
      ]);
    });

    it("says of a word that is no number or truth, which the plugin fails on, what it must be", async () => {
      expect(await provider.check("RandomString", { length: " 4", upper: "true" })).to.deep.equal([
        "length must be a whole number",
        "upper must be true or false",
      ]);
    });

    it("takes an empty prefix or seed as none, so that nothing is replaced for it", async () => {
      const pet = await provider.create("RandomPet", { prefix: "" });
      expect(await provider.diff("RandomPet", pet, { prefix: "" })).to.equal("none");
    });
  });

  (randomPlugin() ? describe : describe.skip)("beside Pulumi's plugin", () => {
    let builtIn: RandomClient;
    let plugin: RandomClient;
    before(async () => ([builtIn, plugin] = await Promise.all([startBuiltIn(), startPlugin()])));
    after(() => [builtIn, plugin].forEach((provider) => provider?.close()));

    const resources: [name: string, inputs: PropertyMap][] = [
      ["RandomBytes", { length: 3 }],
      ["RandomId", { byteLength: 3, prefix: "p", keepers: { a: "b" } }],
      ["RandomInteger", { min: 1, max: 9 }],
      ["RandomPassword", { length: 9, overrideSpecial: "" }],
      ["RandomPet", { keepers: {} }],
      ["RandomShuffle", { inputs: ["a", "b"] }],
      ["RandomString", { length: 9, numeric: false }],
      ["RandomUuid", {}],
      ["RandomUuid4", {}],
      ["RandomUuid7", {}],
    ];
    for (const [name, inputs] of resources) {
      it(`${name}: each takes up the other's state with no changes`, async () => {
        expect(await plugin.diff(name, await builtIn.create(name, inputs), inputs)).to.equal("none");
        expect(await builtIn.diff(name, await plugin.create(name, inputs), inputs)).to.equal("none");
      });
    }
  });
});

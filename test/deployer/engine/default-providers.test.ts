import { expect } from "chai";
import { defaultProvider, defaultProviderName } from "../../../deployer/engine/default-providers";
import { secret } from "../../../deployer/wire/property-value";

const stack = {
  config: { "aws:region": "north", "aws:key": "k", "images:region": "local" },
  secretKeys: new Set(["aws:key"]),
};

describe("default provider", () => {
  const names: [string, string][] = [
    ["", "default"],
    ["4.21.2", "default_4_21_2"],
    ["v1.0.0-alpha.1+build", "default_1_0_0_alpha_1_build"],
  ];
  for (const [version, name] of names) {
    it(`of version "${version}" is ${name}`, () => expect(defaultProviderName(version)).to.equal(name));
  }

  it("has the configuration of its package", () => {
    expect(defaultProvider("aws", "1.2.3", stack).inputs).to.deep.equal({
      region: "north",
      key: secret("k"),
      version: "1.2.3",
      __internal: {},
    });
  });

  it("of dynamic resources has all of it", () => {
    expect(defaultProvider("pulumi-nodejs", "", stack).inputs).to.deep.equal({
      "aws:region": "north",
      "aws:key": secret("k"),
      "images:region": "local",
    });
  });
});

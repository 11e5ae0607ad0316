import { expect } from "chai";
import * as fc from "fast-check";
import type { PropertyMap } from "../../../deployer/wire/property-value";
import { loadSdk } from "../../../deployer/wire/sdk";
import { fromStruct, toStruct } from "../../../deployer/wire/struct";

describe("struct", () => {
  const sdk = loadSdk(process.cwd());

  it("carries every JSON object over the wire unchanged", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        // Protobuf's own maps lose this key.
        fc.pre(!JSON.stringify(value).includes("__proto__"));
        const properties = JSON.parse(JSON.stringify(value)) as PropertyMap;
        const bytes = toStruct(sdk, properties).serializeBinary();
        expect(fromStruct(sdk.struct.Struct.deserializeBinary(bytes))).to.deep.equal(properties);
      }),
      { numRuns: 50 },
    );
  });

  it("says the same as the SDK's own conversion", () => {
    const properties = { a: [1, null, { b: true, c: "x" }], d: {}, e: [], f: -0.5 };
    expect(fromStruct(sdk.struct.Struct.fromJavaScript(properties))).to.deep.equal(properties);
    expect(toStruct(sdk, properties).toJavaScript()).to.deep.equal(properties);
    expect(fromStruct(toStruct(sdk, properties))).to.deep.equal(properties);
    const inMessage = new sdk.provider.CheckRequest().setNews(toStruct(sdk, properties)).serializeBinary();
    const bySdk = new sdk.provider.CheckRequest().setNews(sdk.struct.Struct.fromJavaScript(properties));
    expect(inMessage).to.deep.equal(bySdk.serializeBinary());
  });

  it("takes nothing for an empty object", () => expect(fromStruct(undefined)).to.deep.equal({}));
});

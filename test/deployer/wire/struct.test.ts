import { execFileSync } from "node:child_process";
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

  it("writes and reads as google-protobuf alone does, in the same order", () => {
    const objects = fc
      .sample(fc.dictionary(fc.string(), fc.jsonValue()), 200)
      .map((value) => JSON.stringify(value))
      // JavaScript puts keys that look like numbers first, and protobuf has no order.
      .filter((text) => !text.includes("__proto__") && !/"\d+":/.test(text));
    const unpatched = `
      const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
      const objects = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
      const both = objects.map((text) => {
        const bytes = Struct.fromJavaScript(JSON.parse(text)).serializeBinary();
        return [Buffer.from(bytes).toString("hex"), JSON.stringify(Struct.deserializeBinary(bytes).toJavaScript())];
      });
      console.log(JSON.stringify(both));`;
    const told = execFileSync(process.execPath, ["-e", unpatched], { input: JSON.stringify(objects) });
    const expected = JSON.parse(told.toString()) as [bytes: string, read: string][];
    const { Struct } = sdk.struct;
    for (const [index, text] of objects.entries()) {
      const [bytes, read] = expected[index]!;
      const value = JSON.parse(text) as PropertyMap;
      expect(Buffer.from(Struct.fromJavaScript(value).serializeBinary()).toString("hex")).to.equal(bytes);
      const found = Struct.deserializeBinary(Buffer.from(bytes, "hex"));
      expect(JSON.stringify(found.toJavaScript())).to.equal(read);
      expect(JSON.stringify(fromStruct(found))).to.equal(read);
    }
  });

  it("is in a message, and asked for its fields, what the SDK's own conversion makes", () => {
    const properties = { a: [1, null, { b: true, c: "x" }], d: {}, e: [], f: -0.5 };
    const struct = toStruct(sdk, properties);
    expect(struct.toJavaScript()).to.deep.equal(properties);
    const request = new sdk.provider.CheckRequest().setNews(struct).serializeBinary();
    const { Struct } = sdk.struct;
    const bySdk = new sdk.provider.CheckRequest().setNews(Struct.fromJavaScript(properties));
    expect(request).to.deep.equal(bySdk.serializeBinary());
    const received = sdk.provider.CheckRequest.deserializeBinary(request).getNews()!;
    const fields = received.getFieldsMap();
    expect(fields.get("a")!.getListValue()!.getValuesList()[2]!.toJavaScript()).to.deep.equal({
      b: true,
      c: "x",
    });
    fields.del("f");
    expect(received.toJavaScript()).to.deep.equal({ a: [1, null, { b: true, c: "x" }], d: {}, e: [] });
  });

  it("is what it was made of, whatever becomes of that", () => {
    const list = [1];
    const struct = sdk.struct.Struct.fromJavaScript({ list });
    list.push(2);
    (struct.toJavaScript() as { list: number[] }).list.push(3);
    expect(struct.toJavaScript()).to.deep.equal({ list: [1] });
  });

  it("refuses what no Struct can hold", () =>
    expect(() => sdk.struct.Struct.fromJavaScript({ a: undefined as never })).to.throw(
      "Unexpected struct type",
    ));

  it("takes nothing for an empty object", () => expect(fromStruct(undefined)).to.deep.equal({}));
});

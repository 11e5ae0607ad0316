import { expect } from "chai";
import * as fc from "fast-check";
import {
  annotateSecrets,
  changedKeys,
  containsSecrets,
  containsUnknowns,
  deepEquals,
  unsupportedKind,
  withoutAssetContents,
  withoutReferences,
  withoutSecrets,
} from "../../../deployer/wire/properties";
import type { PropertyMap, PropertyValue } from "../../../deployer/wire/property-value";
import { ASSET, RESOURCE_REFERENCE, secret, SIGNATURE, UNKNOWN } from "../../../deployer/wire/property-value";

const plainValue: fc.Arbitrary<PropertyValue> = fc.letrec<{ value: PropertyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), tie("value"), { maxKeys: 3 }),
  ) as fc.Arbitrary<PropertyValue>,
})).value;
const plainMap = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), plainValue, { maxKeys: 5 });

describe("properties", () => {
  describe("annotateSecrets", () => {
    const cases: [string, PropertyMap, PropertyMap, PropertyMap][] = [
      ["a plain value stays plain", { a: "x" }, { a: "x" }, { a: "x" }],
      ["what was sent as a secret comes back as one", { a: "x" }, { a: secret("x") }, { a: secret("x") }],
      ["a changed value of a secret's key is secret too", { a: "y" }, { a: secret("x") }, { a: secret("y") }],
      [
        "what is secret already isn't marked twice",
        { a: secret("x") },
        { a: secret("x") },
        { a: secret("x") },
      ],
      [
        "only the secret part of an object is secret",
        { o: { a: "x", b: "y" } },
        { o: { a: secret("x"), b: "y" } },
        { o: { a: secret("x"), b: "y" } },
      ],
      [
        "an array with a secret is secret as a whole",
        { l: ["y", "x"] },
        { l: ["x", secret("y")] },
        { l: secret(["y", "x"]) },
      ],
      ["a key that wasn't sent stays plain", { b: "x" }, { a: secret("x") }, { b: "x" }],
    ];
    for (const [name, received, sent, expected] of cases) {
      it(name, () => expect(annotateSecrets(received, sent)).to.deep.equal(expected));
    }

    it("gives back what withoutSecrets took, for every map", () => {
      fc.assert(
        fc.property(plainMap, fc.func(fc.boolean()), (map, isSecret) => {
          const sent = Object.fromEntries(
            Object.entries(map).map(([key, value]): [string, PropertyValue] => [
              key,
              isSecret(key) ? secret(value) : value,
            ]),
          );
          expect(annotateSecrets(withoutSecrets(sent), sent)).to.deep.equal(sent);
        }),
      );
    });
  });

  describe("deepEquals", () => {
    const cases: [string, PropertyValue | undefined, PropertyValue | undefined, boolean][] = [
      ["a null property equals a missing one", { a: null }, {}, true],
      ["a missing property equals a null one", {}, { a: null }, true],
      ["null equals nothing", null, undefined, true],
      ["an empty array isn't a missing one", { a: [] }, {}, false],
      ["arrays are compared in order", [1, 2], [2, 1], false],
      ["an array isn't an object", [], {}, false],
      ["a secret isn't its plain value", { a: secret("x") }, { a: "x" }, false],
      ["a number isn't its text", 1, "1", false],
    ];
    for (const [name, a, b, expected] of cases) {
      it(name, () => expect(deepEquals(a, b)).to.equal(expected));
    }

    it("holds for every value and its copy", () => {
      fc.assert(fc.property(plainValue, (value) => deepEquals(value, structuredClone(value))));
    });
  });

  it("names the top-level keys that differ", () => {
    expect(changedKeys({ a: 1, b: { c: 1 }, d: null }, { a: 1, b: { c: 2 }, e: "x" })).to.deep.equal([
      "b",
      "e",
    ]);
  });

  it("finds unknowns and secrets at any depth", () => {
    expect(containsUnknowns({ a: [{ b: secret(UNKNOWN) }] })).to.equal(true);
    expect(containsUnknowns({ a: [{ b: "known" }] })).to.equal(false);
    expect(containsSecrets({ a: [{ b: secret("x") }] })).to.equal(true);
    expect(containsSecrets({ a: [{ b: "x" }] })).to.equal(false);
  });

  it("takes a resource reference for the ID that it names, and for the URN where it has none", () => {
    const reference = (id: string): PropertyMap => ({ [SIGNATURE]: RESOURCE_REFERENCE, urn: "urn:x", id });
    expect(withoutReferences({ a: reference("i-1"), b: [reference("")] })).to.deep.equal({
      a: "i-1",
      b: ["urn:x"],
    });
  });

  it("leaves of an asset only its hash", () => {
    const asset = { [SIGNATURE]: ASSET, text: "content", hash: "abc" };
    expect(withoutAssetContents({ a: asset })).to.deep.equal({ a: { [SIGNATURE]: ASSET, hash: "abc" } });
  });

  it("recognises an archive at any depth", () => {
    const archive = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", path: "x.zip" };
    expect(unsupportedKind({ a: [archive] })).to.equal("an archive");
    expect(unsupportedKind({ a: ["x"] })).to.equal(undefined);
  });
});

import { expect } from "chai";
import type { PropertyMap, PropertyValue } from "../../../deployer/wire/property-value";
import { SECRET, SIGNATURE, UNKNOWN } from "../../../deployer/wire/property-value";
import type { RandomClient } from "./provider-client";

/** What a program sees of the random package: the same of Pulumi's plugin and of the built-in provider. */
export function describeRandomProvider(name: string, start: (() => Promise<RandomClient>) | undefined): void {
  (start ? describe : describe.skip)(name, () => {
    let provider: RandomClient;
    before(async () => (provider = await start!()));
    after(() => provider?.close());

    /** Inputs, their outputs but for what is drawn, and the form of what is drawn. */
    const created: [
      title: string,
      resource: string,
      inputs: PropertyMap,
      outputs: PropertyMap,
      drawn: Record<string, RegExp>,
    ][] = [
      [
        "an ID in four notations",
        "RandomId",
        { byteLength: 4 },
        { byteLength: 4 },
        {
          id: /^[\w-]{6}$/,
          b64Url: /^[\w-]{6}$/,
          b64Std: /^[\w+/]{6}==$/,
          hex: /^[0-9a-f]{8}$/,
          dec: /^\d{1,10}$/,
        },
      ],
      [
        "an ID with a prefix in all but the ID itself",
        "RandomId",
        { byteLength: 3, prefix: "p-", keepers: { a: "b" } },
        { byteLength: 3, prefix: "p-", keepers: { a: "b" } },
        {
          id: /^[\w-]{4}$/,
          b64Url: /^p-[\w-]{4}$/,
          b64Std: /^p-[\w+/]{4}$/,
          hex: /^p-[0-9a-f]{6}$/,
          dec: /^p-\d+$/,
        },
      ],
      ["a pet of two words", "RandomPet", {}, { length: 2, separator: "-" }, { id: /^[a-z]+-[a-z]+$/ }],
      ["a pet of one word", "RandomPet", { length: 1 }, { length: 1, separator: "-" }, { id: /^[a-z]+$/ }],
      [
        "a pet of no length, as one of two words",
        "RandomPet",
        { length: 0 },
        { length: 0, separator: "-" },
        { id: /^[a-z]+-[a-z]+$/ },
      ],
      [
        "a long pet with a prefix and a separator",
        "RandomPet",
        { length: 4, prefix: "x", separator: "_" },
        { length: 4, prefix: "x", separator: "_" },
        { id: /^x(_[a-z]+){4}$/ },
      ],
      [
        "a string of all kinds of characters",
        "RandomString",
        { length: 40 },
        { ...CHARACTERS, length: 40 },
        { id: /^.{40}$/, result: /^[\w!@#$%&*()\-=+[\]{}<>:?]{40}$/ },
      ],
      [
        "a string of what is asked for",
        "RandomString",
        { length: 8, upper: false, special: true, overrideSpecial: "~", minNumeric: 2, minSpecial: 2 },
        { ...CHARACTERS, length: 8, upper: false, overrideSpecial: "~", minNumeric: 2, minSpecial: 2 },
        { id: /./, result: /^(?=(.*\d){2})(?=(.*~){2})[a-z\d~]{8}$/ },
      ],
      [
        "a string by the old name of numeric",
        "RandomString",
        { length: 5, number: false, special: false },
        { ...CHARACTERS, length: 5, number: false, numeric: false, special: false },
        { id: /^[A-Za-z]{5}$/, result: /^[A-Za-z]{5}$/ },
      ],
      ["a UUID", "RandomUuid", {}, {}, { id: UUID, result: UUID }],
      ["a UUID of version 4", "RandomUuid4", {}, {}, { id: /^.{14}4/, result: /^.{14}4/ }],
      ["a UUID of version 7", "RandomUuid7", {}, {}, { id: /^.{14}7/, result: /^.{14}7/ }],
      [
        "a shuffled list, repeated where more is asked for",
        "RandomShuffle",
        { inputs: ["a", "b"], resultCount: 5 },
        { inputs: ["a", "b"], resultCount: 5 },
        { id: /^-$/, results: /^\["(a","b|b","a)","(a","b|b","a)","[ab]"\]$/ },
      ],
      [
        "nothing of a list",
        "RandomShuffle",
        { inputs: ["a"], resultCount: 0 },
        { inputs: ["a"], resultCount: 0 },
        { id: /^-$/, results: /^\[\]$/ },
      ],
      [
        "keepers as strings",
        "RandomUuid",
        { keepers: { a: 1, b: true } },
        { keepers: { a: "1", b: "true" } },
        { id: UUID, result: UUID },
      ],
    ];
    for (const [title, resource, inputs, outputs, drawn] of created) {
      it(`makes ${title}`, async () => {
        const { id, outputs: state } = await provider.create(resource, inputs);
        const { __meta, __pulumi_raw_state_delta, ...seen } = state;
        expect(Object.keys(seen).sort()).to.deep.equal(
          [...Object.keys(outputs), ...Object.keys(drawn)].sort(),
        );
        expect(seen).to.deep.include(outputs);
        expect(seen.id).to.equal(id);
        for (const [property, form] of Object.entries(drawn)) expect(plain(seen[property])).to.match(form);
        expect(await provider.diff(resource, { id, outputs: state }, inputs)).to.equal("none");
      });
    }

    it("makes a password whose result and hash are secret, and whose ID tells nothing", async () => {
      const { id, outputs } = await provider.create("RandomPassword", { length: 9 });
      expect(id).to.equal("none");
      expect(outputs).to.include({ ...CHARACTERS, length: 9, id: "none", __meta: '{"schema_version":"3"}' });
      expect(secretValue(outputs.result)).to.match(/^.{9}$/);
      expect(secretValue(outputs.bcryptHash)).to.match(/^\$2a\$10\$[./\w]{53}$/);
    });

    it("makes secret bytes", async () => {
      const { id, outputs } = await provider.create("RandomBytes", { length: 4 });
      expect(secretValue(outputs.base64)).to.equal(id);
      expect(secretValue(outputs.hex)).to.equal(Buffer.from(id, "base64").toString("hex"));
      expect(outputs).not.to.have.property("id");
    });

    it("draws integers from the whole range and from nothing else", async () => {
      const drawn = new Set<PropertyValue>();
      for (let i = 0; i < 60; i++) {
        const { id, outputs } = await provider.create("RandomInteger", { min: -1, max: 1 });
        expect(outputs).to.include({ min: -1, max: 1, id });
        expect(String(outputs.result)).to.equal(id);
        drawn.add(outputs.result!);
      }
      expect([...drawn].sort()).to.deep.equal([-1, 0, 1]);
    });

    it("shows in the preview what is known, with defaults", async () => {
      expect(await provider.preview("RandomPet", { prefix: UNKNOWN })).to.deep.equal({
        id: UNKNOWN,
        length: 2,
        separator: "-",
        prefix: UNKNOWN,
      });
      expect(await provider.preview("RandomPassword", { length: 8 })).to.deep.equal({
        ...CHARACTERS,
        length: 8,
        id: UNKNOWN,
        result: UNKNOWN,
        bcryptHash: UNKNOWN,
      });
    });

    /** Inputs of a state, changed inputs, and the diff: a star stands at what draws a new value. */
    const changes: [title: string, resource: string, old: PropertyMap, next: PropertyMap, diff: string][] = [
      [
        "a changed keeper",
        "RandomId",
        { byteLength: 1, keepers: { a: "b" } },
        { byteLength: 1, keepers: { a: "c" } },
        "keepers*",
      ],
      [
        "an unknown keeper",
        "RandomId",
        { byteLength: 1, keepers: { a: "b" } },
        { byteLength: 1, keepers: { a: UNKNOWN } },
        "keepers*",
      ],
      [
        "unknown keepers",
        "RandomId",
        { byteLength: 1, keepers: { a: "b" } },
        { byteLength: 1, keepers: UNKNOWN },
        "keepers*",
      ],
      ["keepers that go", "RandomId", { byteLength: 1, keepers: { a: "b" } }, { byteLength: 1 }, "keepers*"],
      [
        "keepers that come",
        "RandomId",
        { byteLength: 1 },
        { byteLength: 1, keepers: { a: "b" } },
        "keepers*",
      ],
      [
        "keepers of nulls that come",
        "RandomId",
        { byteLength: 1 },
        { byteLength: 1, keepers: { a: null } },
        "keepers",
      ],
      ["unknown keepers that come", "RandomUuid", {}, { keepers: UNKNOWN }, "keepers"],
      [
        "a null among keepers that comes",
        "RandomPet",
        { keepers: { a: "b" } },
        { keepers: { a: "b", c: null } },
        "keepers",
      ],
      [
        "a keeper that becomes null",
        "RandomPet",
        { keepers: { a: "b", c: "d" } },
        { keepers: { a: "b", c: null } },
        "keepers*",
      ],
      [
        "a keeper that is new",
        "RandomPet",
        { keepers: { a: "b" } },
        { keepers: { a: "b", c: "d" } },
        "keepers*",
      ],
      ["empty keepers that come", "RandomId", { byteLength: 1 }, { byteLength: 1, keepers: {} }, "keepers"],
      ["empty keepers that go", "RandomId", { byteLength: 1, keepers: {} }, { byteLength: 1 }, "keepers"],
      [
        "empty keepers of bytes that go",
        "RandomBytes",
        { length: 1, keepers: {} },
        { length: 1 },
        "keepers*",
      ],
      [
        "a keeper that is the same number",
        "RandomId",
        { byteLength: 1, keepers: { a: 1 } },
        { byteLength: 1, keepers: { a: "1" } },
        "none",
      ],
      [
        "another length and prefix",
        "RandomId",
        { byteLength: 1 },
        { byteLength: 2, prefix: "p" },
        "byteLength* prefix*",
      ],
      ["a default that is spelled out", "RandomPet", {}, { length: 2, separator: "-" }, "none"],
      ["another separator", "RandomPet", {}, { separator: "_" }, "separator*"],
      [
        "numeric spelled out",
        "RandomString",
        { length: 4 },
        { length: 4, numeric: true, minUpper: 0 },
        "none",
      ],
      [
        "numeric turned off by its old name",
        "RandomString",
        { length: 4 },
        { length: 4, number: false },
        "number* numeric*",
      ],
      [
        "an empty overrideSpecial that goes",
        "RandomString",
        { length: 4, overrideSpecial: "" },
        { length: 4 },
        "overrideSpecial",
      ],
      [
        "an overrideSpecial that comes",
        "RandomPassword",
        { length: 4 },
        { length: 4, overrideSpecial: "!" },
        "overrideSpecial*",
      ],
      ["another input of a shuffle", "RandomShuffle", { inputs: ["a"] }, { inputs: ["b"] }, "inputs*"],
      ["an unknown input of a shuffle", "RandomShuffle", { inputs: ["a"] }, { inputs: [UNKNOWN] }, "inputs*"],
      ["a wider range", "RandomInteger", { min: 1, max: 2 }, { min: 1, max: 3 }, "max*"],
    ];
    for (const [title, resource, old, next, diff] of changes) {
      it(`sees ${title}`, async () => {
        expect(await provider.diff(resource, await provider.create(resource, old), next)).to.equal(diff);
      });
    }

    it("keeps the value where an update changes inputs only", async () => {
      const old = await provider.create("RandomId", { byteLength: 4, keepers: {} });
      const { keepers: _keepers, __pulumi_raw_state_delta: _old, ...rest } = old.outputs;
      const { __pulumi_raw_state_delta: _new, ...updated } = await provider.update("RandomId", old, {
        byteLength: 4,
      });
      expect(updated).to.deep.equal(rest);
    });

    const read: [resource: string, id: string, outputs: PropertyMap][] = [
      [
        "RandomId",
        "p,AQIDBA",
        { id: "AQIDBA", byteLength: 4, prefix: "p", hex: "p01020304", dec: "p16909060" },
      ],
      ["RandomInteger", "5,1,9", { id: "5", result: 5, min: 1, max: 9 }],
      ["RandomString", "abcd", { ...CHARACTERS, id: "abcd", result: "abcd", length: 4 }],
      [
        "RandomUuid",
        "0b5a9d18-46ee-4b6b-8d0f-0f6f0e1f8c7b",
        { result: "0b5a9d18-46ee-4b6b-8d0f-0f6f0e1f8c7b" },
      ],
    ];
    for (const [resource, id, outputs] of read) {
      it(`reads an existing ${resource}`, async () => {
        expect((await provider.read(resource, id)).outputs).to.include(outputs);
      });
    }

    const unreadable: [resource: string, id: string][] = [
      ["RandomBytes", "AQI"],
      ["RandomBytes", "!!"],
      ["RandomId", "AQI="],
      ["RandomInteger", "5,1"],
      ["RandomInteger", "5,1,9,s,t"],
      ["RandomUuid", "golden"],
      ["RandomPet", "a-b"],
      ["RandomShuffle", "-"],
    ];
    for (const [resource, id] of unreadable) {
      it(`doesn't read ${id} as a ${resource}`, async () => {
        expect(await provider.read(resource, id).catch(() => "refused")).to.equal("refused");
      });
    }

    it("marks the secrets of a state that had them in plain text", async () => {
      const old = {
        ...CHARACTERS,
        __meta: '{"schema_version":"1"}',
        length: 4,
        id: "none",
        result: "abcd",
        bcryptHash: "$2a$10$x",
      };
      const updated = await provider.update(
        "RandomPassword",
        { id: "none", outputs: old },
        { length: 4, keepers: {} },
      );
      expect(secretValue(updated.result)).to.equal("abcd");
      expect(updated.bcryptHash).to.have.property(SIGNATURE, SECRET);
    });

    const refused: [title: string, resource: string, inputs: PropertyMap, reason: RegExp][] = [
      ["no length", "RandomString", {}, /length/],
      ["a length of none", "RandomBytes", { length: 0 }, /length.* at least 1/],
      ["a broken number", "RandomId", { byteLength: 1.5 }, /byteLength/],
      ["fewer characters than are asked for", "RandomString", { length: 2, minUpper: 3 }, /length/],
      [
        "no characters at all",
        "RandomString",
        { length: 2, upper: false, lower: false, numeric: false, special: false },
        /numeric/,
      ],
    ];
    for (const [title, resource, inputs, reason] of refused) {
      it(`refuses ${title}`, async () => {
        const [first, ...more] = await provider.check(resource, inputs);
        expect(first).to.match(reason);
        expect(more).to.deep.equal([]);
      });
    }

    it("waits with what is unknown", async () => {
      expect(await provider.check("RandomString", { length: UNKNOWN, minUpper: 3 })).to.deep.equal([]);
    });
  });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const CHARACTERS = {
  upper: true,
  lower: true,
  numeric: true,
  number: true,
  special: true,
  minUpper: 0,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
};

function plain(value: PropertyValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function secretValue(value: PropertyValue | undefined): PropertyValue {
  expect(value).to.have.property(SIGNATURE, SECRET);
  return (value as PropertyMap).value!;
}

import type { JSONSchemaType } from "ajv";
import { expect } from "chai";
import { SENTINEL } from "../../../provider/lifecycle/inputs";
import { argumentsOf, tags, text } from "../../../provider/lifecycle/schema";

interface Inputs {
  name: string;
  kind?: string;
  disks?: { size: number }[];
  tags?: Record<string, string>;
}
const schema: JSONSchemaType<Inputs> = {
  type: "object",
  properties: {
    name: { type: "string" },
    kind: { type: "string", enum: ["a", "b"], nullable: true },
    disks: {
      type: "array",
      nullable: true,
      items: {
        type: "object",
        properties: { size: { type: "number" } },
        required: ["size"],
        additionalProperties: false,
      },
    },
    tags,
  },
  required: ["name"],
};

describe("the arguments of a resource", () => {
  const { validate } = argumentsOf("Thing", schema, ["image"]);
  const table: [string, Record<string, unknown>, string[]][] = [
    ["are right as they should be", { name: "n", kind: "a", disks: [{ size: 1 }], tags: { a: "b" } }, []],
    ["may be unknown as a whole", { name: SENTINEL, kind: SENTINEL, disks: SENTINEL, tags: SENTINEL }, []],
    [
      "may be unknown in part",
      { name: "n", disks: [SENTINEL, { size: SENTINEL }], tags: { a: SENTINEL } },
      [],
    ],
    [
      "may hold what classes and check add",
      { name: "n", declaredBy: "urn", __provider: "text", image: "img" },
      [],
    ],
    ["lack a required one", {}, ["name Thing needs a name. State it."]],
    [
      "have one that is unknown by name",
      { name: "n", nmae: "x" },
      ["nmae Thing has no argument nmae. Did you mean name?"],
    ],
    [
      "have one like none",
      { name: "n", colour: "x" },
      ["colour Thing has no argument colour. It has disks, kind, name, tags."],
    ],
    ["have one of another type", { name: 5 }, ["name It must be a string."]],
    ["have one that is none of those allowed", { name: "n", kind: "c" }, ["kind It must be one of a, b."]],
    [
      "are wrong within",
      { name: "n", disks: [{ size: "x" }, { sise: 1 }] },
      [
        "disks[0].size It must be a number.",
        "disks[1].size disks[1] needs a size. State it.",
        "disks[1].sise disks[1] has no property sise. Did you mean size?",
      ],
    ],
    ["are wrong in a map", { name: "n", tags: { a: 1 } }, ["tags.a It must be a string."]],
  ];
  for (const [title, inputs, expected] of table) {
    it(title, () => {
      expect(validate(inputs).map(({ property, reason }) => `${property} ${reason}`)).to.have.members(
        expected,
      );
    });
  }

  it("never stand in a message with their value", () => {
    const [violation] = validate({ name: "n", kind: "a-secret" });
    expect(JSON.stringify(violation)).not.to.include("a-secret");
    expect(text.type).to.equal("string");
  });
});

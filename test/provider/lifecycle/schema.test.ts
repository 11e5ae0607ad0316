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
  const { validate } = argumentsOf(schema, ["image"]);
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
    ["lack a required one", {}, ["name is required"]],
    [
      "have one that is unknown by name",
      { name: "n", nmae: "x" },
      ["nmae is no argument; did you mean name?"],
    ],
    [
      "have one like none",
      { name: "n", colour: "x" },
      ["colour is no argument; known are disks, kind, name, tags"],
    ],
    ["have one of another type", { name: 5 }, ["name must be a string"]],
    ["have one that is none of those allowed", { name: "n", kind: "c" }, ["kind must be one of a, b"]],
    [
      "are wrong within",
      { name: "n", disks: [{ size: "x" }, { sise: 1 }] },
      [
        "disks[0].size must be a number",
        "disks[1].size is required",
        "disks[1].sise is no argument; did you mean size?",
      ],
    ],
    ["are wrong in a map", { name: "n", tags: { a: 1 } }, ["tags.a must be a string"]],
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

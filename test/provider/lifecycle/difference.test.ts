import { expect } from "chai";
import { difference, same } from "../../../provider/lifecycle/difference";
import { SENTINEL } from "../../../provider/lifecycle/inputs";
import type { Properties } from "../../../provider/lifecycle/lifecycle";

const COMPARISON = {
  arguments: {
    names: ["source", "size", "tags", "disks", "region", "adoptId", "architecture"],
    validate: () => [],
  },
  inPlace: ["tags"],
  defaults: { tags: {}, disks: [] },
  resolved: ["size"],
  sources: ["source"],
};

describe("the difference between what stands and what a program says", () => {
  const table: [string, Properties, Properties, "same" | "update" | string[]][] = [
    [
      "is none for equal values",
      { source: "a", tags: { x: "1" } },
      { source: "a", tags: { x: "1" } },
      "same",
    ],
    ["is none for another order of keys", { tags: { x: "1", y: "2" } }, { tags: { y: "2", x: "1" } }, "same"],
    ["is none for a default that isn't stated", { tags: {}, disks: [] }, {}, "same"],
    ["is none for a fact that check couldn't fill in", { size: 10 }, {}, "same"],
    ["is none for a source that isn't stated any more", { source: "a" }, {}, "same"],
    ["is none for an output that is no argument", { status: "active" }, {}, "same"],
    ["is none for an expectation of the architecture", { architecture: "a" }, { architecture: "b" }, "same"],
    ["is an update for what changes in place", { tags: { x: "1" } }, { tags: { x: "2" } }, "update"],
    ["is an update for what isn't stated any more", { tags: { x: "1" } }, {}, "update"],
    ["is an update for an unknown deep within", { tags: { x: "1" } }, { tags: { x: SENTINEL } }, "update"],
    [
      "is a replacement for anything else",
      { source: "a", region: "r" },
      { source: "b", region: "q" },
      ["source", "region"],
    ],
    ["is a replacement for an unknown in its place", { region: "r" }, { region: SENTINEL }, ["region"]],
    [
      "is a replacement for an item more",
      { disks: [{ size: 1 }] },
      { disks: [{ size: 1 }, { size: 1 }] },
      ["disks"],
    ],
    ["is a replacement for items gone", { disks: [{ size: 1 }] }, {}, ["disks"]],
    [
      "is none for what isn't stated of a thing taken over",
      { disks: [{ size: 1 }], tags: { x: "1" } },
      { adoptId: "id" },
      "same",
    ],
    ["is none for an adoptId that is dropped", { adoptId: "id" }, {}, "same"],
    ["is a replacement for the ID of another thing to take over", {}, { adoptId: "other" }, ["adoptId"]],
  ];
  for (const [title, olds, news, expected] of table) {
    it(title, () => {
      expect(difference("id", olds, news, COMPARISON)).to.deep.equal({
        changes: expected !== "same",
        replaces: Array.isArray(expected) ? expected : [],
        deleteBeforeReplace: false,
      });
    });
  }

  it("compares as JSON does: a key that is undefined isn't there", () => {
    expect(same({ a: 1, b: undefined }, { a: 1 })).to.equal(true);
    expect(same({ a: 1 }, { a: 1, b: undefined })).to.equal(true);
    expect(same([], {})).to.equal(false);
    expect(same(null, {})).to.equal(false);
  });
});

import { expect } from "chai";
import type { JournalEntry } from "../../../deployer/engine/journal";
import { fold } from "../../../deployer/engine/journal";
import type { ResourceState, Snapshot } from "../../../deployer/state/resource-state";

const resource = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  urn: `urn:pulumi:dev::p::t:t:T::${name}`,
  custom: true,
  type: "t:t:T",
  ...more,
});
const urnOf = (name: string): string => resource(name).urn;
const snapshot = (...resources: ResourceState[]): Snapshot => ({ resources, pendingOperations: [] });
const names = ({ resources }: Snapshot): string[] => resources.map(({ urn }) => urn.split("::").pop()!);

const base = snapshot(resource("a"), resource("b"), resource("c"));

describe("journal", () => {
  const orders: [string, JournalEntry[], string[]][] = [
    ["an empty journal leaves the base", [], ["a", "b", "c"]],
    [
      "new and kept resources come in the order of their steps, then what no step reached",
      [
        { kind: "end", step: 2, state: resource("new") },
        { kind: "keep", step: 1, base: 2 },
      ],
      ["c", "new", "a", "b"],
    ],
    [
      "an update takes the place of what it updates",
      [{ kind: "end", step: 0, state: resource("b", { id: "2" }), removes: [{ base: 1 }] }],
      ["b", "a", "c"],
    ],
    ["a deletion leaves the others", [{ kind: "end", step: 0, removes: [{ base: 0 }] }], ["b", "c"]],
    [
      "a deletion of what this run made leaves nothing of it",
      [
        { kind: "end", step: 0, state: resource("new") },
        { kind: "end", step: 1, removes: [{ step: 0 }] },
      ],
      ["a", "b", "c"],
    ],
    ["what a refresh found gone is gone", [{ kind: "refresh", base: 1 }], ["a", "c"]],
  ];
  for (const [name, entries, expected] of orders) {
    it(name, () => expect(names(fold(base, entries))).to.deep.equal(expected));
  }

  it("a replacement stands beside what it replaces until that is deleted", () => {
    const replaced: JournalEntry[] = [
      { kind: "begin", step: 0, operation: "creating", resource: resource("a") },
      { kind: "end", step: 0, state: resource("a", { id: "new" }), removes: [] },
      { kind: "change", target: { base: 0 }, state: resource("a", { delete: true }) },
    ];
    expect(fold(base, replaced).resources).to.deep.include.members([
      resource("a", { id: "new" }),
      resource("a", { delete: true }),
    ]);
    const deleted = fold(base, [...replaced, { kind: "end", step: 1, removes: [{ base: 0 }] }]);
    expect(deleted.resources.filter(({ urn }) => urn === urnOf("a"))).to.deep.equal([
      resource("a", { id: "new" }),
    ]);
  });

  it("a change of outputs stays in the place of its resource", () => {
    const { resources } = fold(base, [
      { kind: "end", step: 0, state: resource("new") },
      { kind: "change", target: { step: 0 }, state: resource("new", { outputs: { x: 1 } }) },
    ]);
    expect(resources[0]).to.deep.equal(resource("new", { outputs: { x: 1 } }));
  });

  describe("pending operations", () => {
    const begin: JournalEntry = { kind: "begin", step: 0, operation: "creating", resource: resource("new") };
    const pending = (entries: JournalEntry[], from: Snapshot = base): string[] =>
      fold(from, entries).pendingOperations.map((it) => `${it.type} ${it.resource.urn.split("::").pop()}`);

    it("are what began and didn't end", () => expect(pending([begin])).to.deep.equal(["creating new"]));
    it("end well", () =>
      expect(pending([begin, { kind: "end", step: 0, state: resource("new") }])).to.deep.equal([]));
    it("end badly", () => expect(pending([begin, { kind: "fail", step: 0 }])).to.deep.equal([]));

    const before: Snapshot = {
      resources: [],
      pendingOperations: [
        { type: "creating", resource: resource("new") },
        { type: "deleting", resource: resource("old") },
      ],
    };
    it("of an earlier run stay where they are creations", () =>
      expect(pending([], before)).to.deep.equal(["creating new"]));
    it("of an earlier run go once the same resource is created", () =>
      expect(pending([begin, { kind: "end", step: 0, state: resource("new") }], before)).to.deep.equal([]));
  });

  describe("a refresh that finds something gone", () => {
    const tree = snapshot(
      resource("root"),
      resource("gone", { parent: urnOf("root") }),
      resource("child", {
        parent: urnOf("gone"),
        dependencies: [urnOf("gone"), urnOf("root")],
        propertyDependencies: { a: [urnOf("gone")], b: [urnOf("root"), urnOf("gone")] },
        deletedWith: urnOf("gone"),
      }),
    );

    it("leaves no reference to it", () => {
      expect(fold(tree, [{ kind: "refresh", base: 1 }]).resources[1]).to.deep.equal(
        resource("child", {
          parent: undefined,
          dependencies: [urnOf("root")],
          propertyDependencies: { b: [urnOf("root")] },
          deletedWith: undefined,
        }),
      );
    });
  });

  it("references follow a resource to its new URN, and its alias goes", () => {
    const { resources } = fold(
      snapshot(resource("old"), resource("user", { dependencies: [urnOf("old")] })),
      [{ kind: "end", step: 0, state: resource("new", { aliases: [urnOf("old")] }), removes: [{ base: 0 }] }],
    );
    expect(resources.map(({ urn }) => urn)).to.deep.equal([urnOf("new"), urnOf("user")]);
    expect(resources[0]!.aliases).to.equal(undefined);
    expect(resources[1]!.dependencies).to.deep.equal([urnOf("new")]);
  });
});

import { expect } from "chai";
import type { Alias } from "../../../deployer/engine/aliases";
import { aliasUrns } from "../../../deployer/engine/aliases";

const root = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
const resource = { stack: "dev", project: "p", parent: root, type: "t:t:T", name: "new" };
const spec = (more: Partial<Exclude<Alias, { urn: string }>>): Alias => ({
  name: "",
  type: "",
  stack: "",
  project: "",
  parent: "",
  noParent: false,
  ...more,
});

describe("aliases", () => {
  const cases: [string, Alias, string][] = [
    ["a whole URN is itself", { urn: "urn:pulumi:dev::p::x:x:X::y" }, "urn:pulumi:dev::p::x:x:X::y"],
    ["a former name", spec({ name: "old" }), "urn:pulumi:dev::p::t:t:T::old"],
    ["a former type", spec({ type: "t:t:Old" }), "urn:pulumi:dev::p::t:t:Old::new"],
    ["a former project and stack", spec({ project: "q", stack: "prod" }), "urn:pulumi:prod::q::t:t:T::new"],
    [
      "a former parent",
      spec({ parent: "urn:pulumi:dev::p::c:c:C::c" }),
      "urn:pulumi:dev::p::c:c:C$t:t:T::new",
    ],
    ["no parent formerly", spec({ noParent: true, name: "old" }), "urn:pulumi:dev::p::t:t:T::old"],
  ];
  for (const [name, alias, expected] of cases) {
    it(name, () => expect(aliasUrns(resource, [alias], new Map())).to.deep.equal([expected]));
  }

  it("follow from the parent's former name, also where the child is named after it", () => {
    const parent = "urn:pulumi:dev::p::c:c:C::app2";
    const formerUrn = new Map([[parent, "urn:pulumi:dev::p::c:c:C::app"]]);
    expect(aliasUrns({ ...resource, parent, name: "app2-db" }, [], formerUrn)).to.deep.equal([
      "urn:pulumi:dev::p::c:c:C$t:t:T::app-db",
    ]);
    expect(aliasUrns({ ...resource, parent, name: "db" }, [], formerUrn)).to.deep.equal([
      "urn:pulumi:dev::p::c:c:C$t:t:T::db",
    ]);
  });
});

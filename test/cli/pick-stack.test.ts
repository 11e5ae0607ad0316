import { expect } from "chai";
import { pickStack } from "../../cli/stack/stack-context";
import type { Project } from "../../deployer/project/project";

const project = { name: "shop" } as Project;

describe("the stack that a command takes", () => {
  const cases: [
    what: string,
    named: string | undefined,
    stacks: string[],
    selected: string | undefined,
    picked: string | RegExp,
  ][] = [
    ["is the one named", "prod", ["dev", "prod"], "dev", "prod"],
    ["may be named in full", "organization/shop/prod", ["prod"], undefined, "prod"],
    ["is the selected one", undefined, ["dev", "prod"], "prod", "prod"],
    ["isn't a selected one that stands no more", undefined, ["dev"], "prod", "dev"],
    ["is the only one", undefined, ["prod"], undefined, "prod"],
    ["is dev where there is none", undefined, [], undefined, "dev"],
    [
      "must be named where there are several",
      undefined,
      ["dev", "prod"],
      undefined,
      /several stacks: dev, prod/,
    ],
    ["can't be another project's", "organization/other/dev", ["dev"], undefined, /isn't of project shop/],
    ["can't have a name that is no file's", "..\\dev", [], undefined, /can't be a stack's name/],
  ];
  for (const [what, named, stacks, selected, picked] of cases) {
    it(what, () => {
      const pick = (): string => pickStack(named, { project, stacks, selected });
      if (typeof picked === "string") expect(pick()).to.equal(picked);
      else expect(pick).to.throw(picked);
    });
  }
});

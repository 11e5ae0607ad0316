import { expect } from "chai";
import { checkIntegrity } from "../../../deployer/state/integrity";
import type { ResourceState } from "../../../deployer/state/resource-state";
import { thing, urn } from "./stack-folder";

const provider: ResourceState = {
  urn: "urn:pulumi:dev::shop::pulumi:providers:pkg::default",
  custom: true,
  type: "pulumi:providers:pkg",
  id: "p-1",
};

describe("the integrity of a state", () => {
  const sound: [what: string, resources: ResourceState[]][] = [
    ["nothing", []],
    [
      "parents, dependencies and providers before those that name them",
      [
        provider,
        thing("a", { provider: `${provider.urn}::p-1` }),
        thing("b", {
          parent: urn("a"),
          dependencies: [urn("a")],
          propertyDependencies: { x: [urn("a")] },
          deletedWith: urn("a"),
        }),
      ],
    ],
    [
      "a resource beside those of its URN that wait for their deletion",
      [thing("a"), thing("a", { delete: true }), thing("a", { delete: true, id: "a-0" })],
    ],
    [
      "a lost provider of a resource that waits for its replacement",
      [thing("a", { provider: "urn::gone", pendingReplacement: true })],
    ],
  ];
  for (const [what, resources] of sound) {
    it(`is sound with ${what}`, () => checkIntegrity({ resources, pendingOperations: [] }, "the state"));
  }

  const broken: [what: string, resources: ResourceState[], message: RegExp][] = [
    [
      "a parent that comes later",
      [thing("b", { parent: urn("a") }), thing("a")],
      /::b has a parent that comes after it, .*::a/,
    ],
    ["a parent that is missing", [thing("b", { parent: urn("a") })], /parent that is missing/],
    [
      "a dependency that is missing",
      [thing("b", { dependencies: [urn("a")] })],
      /dependency that is missing/,
    ],
    [
      "a property's dependency that is missing",
      [thing("b", { propertyDependencies: { size: [urn("a")] } })],
      /dependency \(of size\)/,
    ],
    ["a deletedWith that is missing", [thing("b", { deletedWith: urn("a") })], /deletedWith that is missing/],
    [
      "a provider of another ID",
      [provider, thing("a", { provider: `${provider.urn}::p-2` })],
      /provider that doesn't stand before it/,
    ],
    ["two live resources of one URN", [thing("a"), thing("a")], /::a stands twice/],
    ["a component with an ID", [thing("a", { custom: false })], /no custom resource and yet has an ID/],
  ];
  for (const [what, resources, message] of broken) {
    it(`is broken with ${what}`, () => {
      const check = (): void => checkIntegrity({ resources, pendingOperations: [] }, "the state");
      expect(check)
        .to.throw(/^The integrity of the state is broken/)
        .with.property("message")
        .match(message);
    });
  }
});

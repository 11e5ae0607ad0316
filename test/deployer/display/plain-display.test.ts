import { expect } from "chai";
import { createColors } from "picocolors";
import type { DeploymentEvent, StepView } from "../../../deployer/display/events";
import { PlainDisplay } from "../../../deployer/display/plain-display";
import type { ResourceState } from "../../../deployer/state/resource-state";
import type { PropertyMap } from "../../../deployer/wire/property-value";
import { secret, UNKNOWN } from "../../../deployer/wire/property-value";

const TYPE = "pulumi-nodejs:dynamic/images:PrivateImage";
const urn = `urn:pulumi:dev::shop::${TYPE}::golden`;

const state = (inputs: PropertyMap, outputs: PropertyMap = {}): ResourceState => ({
  urn,
  custom: true,
  type: TYPE,
  inputs,
  outputs,
});
const step = (op: StepView["op"], more: Partial<StepView> = {}): StepView => ({
  op,
  urn,
  type: TYPE,
  ...more,
});
const prelude = (mode: "preview" | "up" | "refresh"): DeploymentEvent => ({
  type: "prelude",
  mode,
  project: "shop",
  stack: "dev",
  config: {},
});
const summary = (more: Partial<Extract<DeploymentEvent, { type: "summary" }>>): DeploymentEvent => ({
  type: "summary",
  result: "succeeded",
  preview: true,
  seconds: 1.25,
  changes: {},
  ...more,
});

function rendered(...events: DeploymentEvent[]): string {
  let text = "";
  const display = new PlainDisplay({
    write: (part) => (text += part),
    colors: createColors(false),
    width: () => 60,
  });
  for (const event of events) display.emit(event);
  display.close();
  return text;
}

/** What a plan says between its title and its summary. */
const plan = (...events: DeploymentEvent[]): string =>
  rendered(prelude("preview"), ...events)
    .split("\n")
    .slice(2)
    .join("\n");

const before = state({}, { status: "active" });
const refreshed: DeploymentEvent[] = [
  { type: "step", step: step("refresh", { old: before }) },
  { type: "stepDone", step: step("same", { old: before, new: before }), seconds: 0 },
  {
    type: "stepDone",
    step: step("update", { old: before, new: state({}, { status: "error" }) }),
    seconds: 0,
  },
  { type: "stepDone", step: step("delete", { old: before }), seconds: 0 },
];
const FOUND = { update: 1, delete: 1, same: 1 };
const CHANGED =
  '~ changed PrivateImage golden\n      ~ status: "active" => "error"\n- gone    PrivateImage golden\n\n';

describe("the display", () => {
  const cases: [what: string, text: string, expected: string][] = [
    [
      "plans a creation with its key facts, unknown ones as known after up",
      plan({
        type: "step",
        step: step("create", {
          new: state({ __provider: "code", instanceId: UNKNOWN, architecture: "localDisk", name: "x" }),
        }),
      }),
      "+ create  PrivateImage golden\n      architecture localDisk, instanceId (known after up)\n",
    ],
    [
      "plans an update with what differs, old => new, and secrets never shown",
      plan({
        type: "step",
        step: step("update", {
          old: state({
            tags: { team: "a", gone: "x" },
            token: secret("hunter2"),
            minDisk: 40,
            __provider: "old",
          }),
          new: state({
            tags: { team: "b" },
            token: secret("hunter3"),
            minDisk: 40,
            name: UNKNOWN,
            __provider: "new",
          }),
        }),
      }),
      [
        "~ update  PrivateImage golden",
        '      ~ tags.team: "a" => "b"',
        '      - tags.gone: "x"',
        "      ~ token: [secret] => [secret]",
        "      + name: (known after up)",
        "",
      ].join("\n"),
    ],
    [
      "leaves out what the resources of this package keep for themselves, but not a tag of that name",
      plan({
        type: "step",
        step: step("update", {
          old: state({ tags: {}, imageDeclaredBy: "urn:a", declaredBy: "urn:b", creationToken: "x" }),
          new: state({ tags: { declaredBy: "me" }, instanceDeclaredBy: "urn:c", deleteBeforeReplace: true }),
        }),
      }),
      '~ update  PrivateImage golden\n      + tags.declaredBy: "me"\n',
    ],
    [
      "plans a replacement in one line, and says what forces it",
      plan(
        { type: "step", step: step("create-replacement") },
        {
          type: "step",
          step: step("replace", {
            old: state({ size: [1, 2] }),
            new: state({ size: [1, 3] }),
            replaces: ["size"],
          }),
        },
        { type: "step", step: step("delete-replaced") },
      ),
      "± replace PrivateImage golden\n      ~ size[1]: 2 => 3 (replaces)\n",
    ],
    ["is silent about what stays the same", plan({ type: "step", step: step("same") }), ""],
    [
      "counts what would change",
      plan(summary({ changes: { create: 5, replace: 1, same: 2 } })),
      "+ 5 to create, ± 1 to replace, 2 unchanged\n",
    ],
    ["says that nothing changes", plan(summary({ changes: { same: 6 } })), "No changes: 6 unchanged.\n"],
    ["says that an empty stack has no changes", plan(summary({})), "No changes.\n"],
    [
      "gathers failures after the plan, all of a resource's together, wrapped, with the position",
      plan(
        {
          type: "diagnostic",
          severity: "error",
          urn,
          position: "index.ts:12",
          message: "imageId: There is no image img-none in region local. Check the ID.",
        },
        { type: "step", step: { ...step("delete"), urn: urn.replace("golden", "old") } },
        { type: "diagnostic", severity: "error", urn, position: "index.ts:12", message: "name: too long" },
        summary({ result: "failed", changes: { delete: 1 } }),
      ),
      [
        "- delete  PrivateImage old",
        "",
        "✗ PrivateImage golden (index.ts:12)",
        "    imageId: There is no image img-none in region local.",
        "      Check the ID.",
        "    name: too long",
        "",
        "Preview failed. Nothing was changed.",
        "",
      ].join("\n"),
    ],
    [
      "shows failures of a run that ended without a summary",
      plan({ type: "diagnostic", severity: "error", message: "the program ended" }),
      "\n✗ error\n    the program ended\n".slice(1),
    ],
    [
      "tells a deployment's steps as they end, and how long the long ones took",
      rendered(
        prelude("up"),
        { type: "stepDone", step: step("create"), seconds: 0.01 },
        {
          type: "stepDone",
          step: step("update", { old: state({ minDisk: 1 }), new: state({ minDisk: 2 }) }),
          seconds: 75,
        },
        { type: "stepDone", step: step("replace"), seconds: 0 },
        { type: "stepDone", step: step("same"), seconds: 0 },
        summary({ preview: false, changes: { create: 1, update: 1, same: 1 } }),
      ),
      [
        "Deploying shop, stack dev",
        "",
        "+ created PrivateImage golden",
        "~ updated PrivateImage golden (1m 15s)",
        "      ~ minDisk: 1 => 2",
        "",
        "+ 1 created, ~ 1 updated, 1 unchanged in 1.3s",
        "",
      ].join("\n"),
    ],
    [
      "tells a failed step at once, and what was done before it",
      rendered(
        prelude("up"),
        {
          type: "stepFailed",
          step: step("delete", { position: "index.ts:7" }),
          message: "tags: it has members",
        },
        summary({ result: "failed", preview: false, changes: { create: 2 } }),
      ),
      [
        "Deploying shop, stack dev",
        "",
        "✗ PrivateImage golden not deleted (index.ts:7)",
        "    tags: it has members",
        "",
        "Run failed in 1.3s. Done before it: + 2 created.",
        "",
      ].join("\n"),
    ],
    [
      "tells all that is wrong with a resource under one heading",
      rendered(
        prelude("up"),
        { type: "diagnostic", severity: "error", urn, message: "name: it is too long" },
        { type: "diagnostic", severity: "error", urn, message: "tags: there are too many" },
        { type: "diagnostic", severity: "error", urn: `${urn}-2`, message: "name: it is too long" },
      ),
      [
        "Deploying shop, stack dev",
        "",
        "✗ PrivateImage golden",
        "    name: it is too long",
        "    tags: there are too many",
        "✗ PrivateImage golden-2",
        "    name: it is too long",
        "",
      ].join("\n"),
    ],
    [
      "says which half of a replacement failed",
      rendered(
        prelude("up"),
        { type: "stepFailed", step: step("delete-replaced"), message: "it has members" },
        { type: "stepFailed", step: step("create-replacement"), message: "no room" },
      ),
      [
        "Deploying shop, stack dev",
        "",
        "✗ Replaced PrivateImage golden not deleted",
        "    it has members",
        "✗ Replacement of PrivateImage golden not created",
        "    no room",
        "",
      ].join("\n"),
    ],
    [
      "names the resource of progress and warnings, and doesn't repeat itself",
      plan(
        { type: "diagnostic", severity: "info", urn, message: "copying 10 %", ephemeral: true },
        { type: "diagnostic", severity: "info", urn, message: "copying 10 %", ephemeral: true },
        { type: "diagnostic", severity: "warning", urn, message: "its disk is a blank stand-in" },
        { type: "diagnostic", severity: "debug", urn, message: "noise" },
      ),
      "· PrivateImage golden: copying 10 %\n! PrivateImage golden: its disk is a blank stand-in\n",
    ],
    [
      "shows outputs in a column, changed ones marked, secrets hidden",
      plan({
        type: "outputs",
        outputs: { id: "img-1", token: secret("hunter2"), n: { deep: [1] } },
        old: { id: "img-0", token: secret("hunter2"), n: { deep: [1] } },
      }),
      '\nOutputs\n~ id     "img-1"\n  token  [secret]\n  n      { deep: [1] }\n'.slice(1),
    ],
    [
      "tells what a run that was cut off left",
      rendered({ ...prelude("up"), recovered: ["A run was cut off."] } as DeploymentEvent),
      "Deploying shop, stack dev\n! A run was cut off.\n\n",
    ],
    [
      "tells what a refresh found changed or gone, and nothing else",
      rendered(prelude("refresh"), ...refreshed, summary({ preview: false, changes: FOUND })),
      `Refreshing shop, stack dev\n\n${CHANGED}1 changed, 1 gone, 1 unchanged in 1.3s\n`,
    ],
    [
      "tells what a refresh would find",
      plan(...refreshed, summary({ changes: FOUND })),
      `${CHANGED}1 changed, 1 gone, 1 unchanged\n`,
    ],
    [
      "passes on the program's own lines",
      plan({ type: "output", stream: "stdout", line: "hello" }),
      "hello\n",
    ],
    [
      "says that a run was cancelled, and what was done",
      plan(summary({ result: "cancelled", preview: false, changes: { create: 1 } })),
      "Cancelled in 1.3s. Done before it: + 1 created.\n",
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(what, () => expect(text).to.equal(expected));
  }

  it("keeps a preview and the deployment after it apart", () => {
    expect(rendered(prelude("preview"), summary({}), prelude("up"))).to.equal(
      "Previewing shop, stack dev\n\nNo changes.\n\nDeploying shop, stack dev\n\n",
    );
  });

  it("announces a step that takes long while it runs", async () => {
    let text = "";
    const display = new PlainDisplay({
      write: (part) => (text += part),
      colors: createColors(false),
      slowAfter: 0,
    });
    display.emit(prelude("up"));
    display.emit({ type: "step", step: step("create") });
    await new Promise((resolve) => setTimeout(resolve, 20));
    display.close();
    expect(text).to.include("+ creating PrivateImage golden …");
  });
});

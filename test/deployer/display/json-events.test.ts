import { expect } from "chai";
import type { DeploymentEvent } from "../../../deployer/display/events";
import { JsonEvents } from "../../../deployer/display/json-events";
import { secret } from "../../../deployer/wire/property-value";
import { readEngineEvents } from "../../support/engine-events";
import type { EngineEvent } from "../../support/engine-events";

const type = "pulumi-nodejs:dynamic/images:PrivateImage";
const PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:pulumi-nodejs::default::7d7a";
/** As the CLI has a secret in an event. */
const BLINDED = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};
const urn = `urn:pulumi:dev::shop::${type}::golden`;

function events(...given: DeploymentEvent[]): EngineEvent[] {
  let text = "";
  const json = new JsonEvents(
    (part) => (text += part),
    () => 1_700_000_000_900,
  );
  for (const event of given) json.emit(event);
  json.close();
  return readEngineEvents(text);
}

describe("the JSON events", () => {
  it("are numbered and stamped in seconds, one kind each", () => {
    const [first, second] = events(
      { type: "prelude", mode: "up", project: "shop", stack: "dev", config: { "shop:a": "1" } },
      { type: "diagnostic", severity: "error", urn, message: "no", position: "index.ts:3" },
    );
    expect(first).to.deep.equal({
      sequence: 0,
      timestamp: 1_700_000_000,
      preludeEvent: { config: { "shop:a": "1" } },
    });
    expect(second).to.deep.equal({
      sequence: 1,
      timestamp: 1_700_000_000,
      diagnosticEvent: {
        urn,
        prefix: "error: ",
        message: "index.ts:3: no\n",
        color: "never",
        severity: "error",
      },
    });
  });

  it("tell a step before and after with the CLI's fields, without secrets", () => {
    const old = {
      urn,
      type,
      custom: true,
      id: "img-1",
      inputs: { token: secret("hunter2"), size: 1 },
      provider: PROVIDER,
    };
    const step = {
      op: "update",
      urn,
      type,
      old,
      new: { ...old, inputs: { size: 2 } },
      changed: ["size"],
    } as const;
    const [, before, after] = events(
      { type: "prelude", mode: "preview", project: "shop", stack: "dev", config: {} },
      { type: "step", step: { ...step, changed: [...step.changed] } },
      { type: "stepDone", step: { ...step, changed: [...step.changed] }, seconds: 1 },
    );
    const metadata = {
      op: "update",
      urn,
      type,
      old: {
        type,
        urn,
        custom: true,
        id: "img-1",
        parent: "",
        inputs: { token: BLINDED, size: 1 },
        outputs: {},
        provider: PROVIDER,
      },
      new: {
        type,
        urn,
        custom: true,
        id: "img-1",
        parent: "",
        inputs: { size: 2 },
        outputs: {},
        provider: PROVIDER,
      },
      diffs: ["size"],
      detailedDiff: {
        size: { diffKind: "update", inputDiff: true },
        token: { diffKind: "delete", inputDiff: true },
      },
      logical: true,
      provider: PROVIDER,
    };
    expect(before!.resourcePreEvent).to.deep.equal({ metadata, planning: true });
    expect(after!.resOutputsEvent).to.deep.equal({ metadata, planning: true });
  });

  it("end with the CLI's summary", () => {
    const [summary] = events({
      type: "summary",
      result: "cancelled",
      preview: false,
      seconds: 2.6,
      changes: { create: 1 },
    });
    expect(summary!.summaryEvent).to.deep.equal({
      maybeCorrupt: false,
      durationSeconds: 3,
      resourceChanges: { create: 1 },
      PolicyPacks: {},
      isPreview: false,
      result: "canceled",
    });
  });

  it("carry the program's own output, so that nothing else stands on standard output", () => {
    const [out, err] = events(
      { type: "output", stream: "stdout", line: "hello" },
      { type: "output", stream: "stderr", line: "oops" },
    );
    expect(out!.diagnosticEvent).to.include({ message: "hello\n", severity: "info" });
    expect(err!.diagnosticEvent).to.include({ message: "oops\n", severity: "info#err" });
  });

  it("tell what failed in a diagnostic, and then that it did, after how many steps", () => {
    const create = { op: "create", urn, type } as const;
    const all = events(
      { type: "stepDone", step: { ...create, op: "same" }, seconds: 0 },
      { type: "step", step: create },
      { type: "stepFailed", step: { ...create, position: "index.ts:7" }, message: "no room" },
    );
    expect(all[2]!.diagnosticEvent).to.include({ urn, message: "index.ts:7: no room\n", severity: "error" });
    expect(all[3]!.resOpFailedEvent).to.include({ status: 0, steps: 1 });
  });

  it("tell the stack's outputs as those of its resource, once more when they are known", () => {
    const root = "pulumi:pulumi:Stack";
    const stack = { urn: `urn:pulumi:dev::shop::${root}::shop-dev`, type: root };
    const [, known] = events(
      {
        type: "stepDone",
        step: { op: "create", ...stack, new: { ...stack, custom: false } },
        seconds: 0,
      },
      { type: "outputs", outputs: { id: "img-1", token: secret("hunter2") } },
    );
    expect(known!.resOutputsEvent!.metadata.new!.outputs).to.deep.equal({ id: "img-1", token: BLINDED });
  });

  it("mark what a program asked for as logical, and not the halves of its replacement", () => {
    const ops = ["create", "replace", "create-replacement", "delete-replaced", "refresh"] as const;
    const all = events(...ops.map((op) => ({ type: "step", step: { op, urn, type } }) as const));
    const logical = all.flatMap(({ resourcePreEvent }) => resourcePreEvent ?? []).map((it) => it.metadata);
    expect(logical.filter((it) => it.logical).map(({ op }) => op)).to.deep.equal(["create", "replace"]);
  });

  it("say that a cut-off run was found, and end with a cancel event; of nothing there is none", () => {
    const prelude = { type: "prelude", mode: "up", project: "shop", stack: "dev", config: {} } as const;
    const all = events({ ...prelude, recovered: ["The last run was cut off."] });
    expect(all[1]!.diagnosticEvent).to.include({
      severity: "warning",
      message: "The last run was cut off.\n",
    });
    expect(all[2]!.cancelEvent).to.deep.equal({});
    expect(events()).to.deep.equal([]);
  });
});

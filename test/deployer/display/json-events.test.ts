import { expect } from "chai";
import type { DeploymentEvent } from "../../../deployer/display/events";
import { JsonEvents } from "../../../deployer/display/json-events";
import { secret } from "../../../deployer/wire/property-value";

const type = "pulumi-nodejs:dynamic/images:PrivateImage";
const urn = `urn:pulumi:dev::shop::${type}::golden`;

function events(...given: DeploymentEvent[]): Record<string, unknown>[] {
  let text = "";
  const json = new JsonEvents(
    (part) => (text += part),
    () => 1_700_000_000_900,
  );
  for (const event of given) json.emit(event);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
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
      diagnosticEvent: { urn, message: "index.ts:3: no", color: "never", severity: "error" },
    });
  });

  it("tell a step before and after with the CLI's fields, without secrets", () => {
    const old = {
      urn,
      type,
      custom: true,
      id: "img-1",
      inputs: { token: secret("hunter2"), size: 1 },
      provider: "p::1",
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
        inputs: { token: "[secret]", size: 1 },
        outputs: {},
        provider: "p::1",
      },
      new: {
        type,
        urn,
        custom: true,
        id: "img-1",
        parent: "",
        inputs: { size: 2 },
        outputs: {},
        provider: "p::1",
      },
      diffs: ["size"],
      detailedDiff: {
        size: { diffKind: "update", inputDiff: true },
        token: { diffKind: "delete", inputDiff: true },
      },
      provider: "p::1",
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
});

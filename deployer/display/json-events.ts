import type { ResourceState } from "../state/resource-state";
import type { PropertyMap } from "../wire/property-value";
import type { DeploymentEvent, StepView } from "./events";
import { diffResource } from "./property-diff";
import { withoutSecrets } from "./value-text";

type Body = Record<string, unknown>;

/** Renders a run as the CLI's engine events, one JSON object a line; secrets are left out. */
export class JsonEvents {
  private sequence = 0;
  private planning = true;

  constructor(
    private readonly write: (text: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  readonly emit = (event: DeploymentEvent): void => {
    const body = this.render(event);
    if (!body) return;
    const timestamp = Math.floor(this.now() / 1000);
    this.write(`${JSON.stringify({ sequence: this.sequence++, timestamp, ...body })}\n`);
  };

  close(): void {}

  private render(event: DeploymentEvent): Body | undefined {
    switch (event.type) {
      case "prelude":
        this.planning = event.mode === "preview";
        return { preludeEvent: { config: event.config } };
      case "step":
        return { resourcePreEvent: { metadata: metadata(event.step), planning: this.planning } };
      case "stepDone":
        return { resOutputsEvent: { metadata: metadata(event.step), planning: this.planning } };
      case "stepFailed":
        return { resOpFailedEvent: { metadata: metadata(event.step), status: 0, steps: 0 } };
      case "diagnostic":
        return diagnostic(event);
      case "output":
        return stdout(event);
      case "outputs":
        return undefined;
      case "summary":
        return summary(event);
    }
  }
}

function metadata(step: StepView): Body {
  const { op, urn, type, old, new: now } = step;
  return {
    op,
    urn,
    type,
    old: old ? stateOf(old) : null,
    new: now ? stateOf(now) : null,
    ...(step.replaces?.length ? { keys: step.replaces } : {}),
    ...(step.changed?.length ? { diffs: step.changed } : {}),
    detailedDiff: old && now ? detailedDiff(step) : null,
    provider: now?.provider ?? old?.provider ?? "",
  };
}

function stateOf(state: ResourceState): Body {
  const { type, urn, custom, id, parent, provider, protect, external, retainOnDelete, initErrors } = state;
  return {
    type,
    urn,
    ...(custom ? { custom } : {}),
    ...(state.delete ? { delete: true } : {}),
    id: id ?? "",
    parent: parent ?? "",
    ...(protect ? { protect } : {}),
    ...(external ? { external } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    inputs: properties(state.inputs),
    outputs: properties(state.outputs),
    provider: provider ?? "",
    ...(initErrors?.length ? { initErrors } : {}),
  };
}

const properties = (map: PropertyMap | undefined): unknown => withoutSecrets(map ?? {});

function detailedDiff(step: StepView): Body {
  const { replaces = [] } = step;
  return Object.fromEntries(
    diffResource(step, "inputs").map(({ path, kind }) => {
      const replacing = replaces.includes(path.split(/[.[]/)[0]!);
      return [path, { diffKind: replacing ? `${kind}-replace` : kind, inputDiff: true }];
    }),
  );
}

function diagnostic(event: Extract<DeploymentEvent, { type: "diagnostic" }>): Body {
  const { urn, message, severity, position, ephemeral } = event;
  return {
    diagnosticEvent: {
      ...(urn ? { urn } : {}),
      message: position ? `${position}: ${message}` : message,
      color: "never",
      severity,
      ...(ephemeral ? { ephemeral } : {}),
    },
  };
}

/** The CLI tells a program's output as diagnostics too. */
function stdout({ stream, line }: Extract<DeploymentEvent, { type: "output" }>): Body {
  const severity = stream === "stdout" ? "info" : "info#err";
  return { diagnosticEvent: { message: `${line}\n`, color: "never", severity } };
}

function summary(event: Extract<DeploymentEvent, { type: "summary" }>): Body {
  return {
    summaryEvent: {
      maybeCorrupt: false,
      durationSeconds: Math.round(event.seconds),
      resourceChanges: event.changes,
      PolicyPacks: {},
      isPreview: event.preview,
      result: event.result === "cancelled" ? "canceled" : event.result,
    },
  };
}

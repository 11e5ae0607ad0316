import { ROOT_STACK_TYPE } from "../wire/urn";
import type { DeploymentEvent, StepView } from "./events";
import type { JsonObject } from "./json-step";
import { stepMetadata } from "./json-step";

type Event<T extends DeploymentEvent["type"]> = Extract<DeploymentEvent, { type: T }>;

/** Renders a run as the CLI's engine events, one JSON object a line; secrets are left out. */
export class JsonEvents {
  private sequence = 0;
  private planning = true;
  private stepsDone = 0;
  private isRefresh = false;
  private stack: StepView | undefined;

  constructor(
    private readonly write: (text: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  readonly emit = (event: DeploymentEvent): void => {
    for (const body of this.render(event)) this.line(body);
  };

  /** Says that nothing follows, where anything came before. */
  close(): void {
    if (this.sequence > 0) this.line({ cancelEvent: {} });
  }

  private line(body: JsonObject): void {
    const timestamp = Math.floor(this.now() / 1000);
    this.write(`${JSON.stringify({ sequence: this.sequence++, timestamp, ...body })}\n`);
  }

  private render(event: DeploymentEvent): JsonObject[] {
    switch (event.type) {
      case "prelude":
        return this.prelude(event);
      case "step":
        if (event.step.op === "refresh") this.isRefresh = true;
        return [{ resourcePreEvent: this.resource(event.step) }];
      case "stepDone":
        this.stepsDone++;
        if (event.step.type === ROOT_STACK_TYPE) this.stack = event.step;
        return [{ resOutputsEvent: this.resource(event.step) }];
      case "stepFailed":
        return this.failure(event);
      case "diagnostic":
        return [diagnostic(event)];
      case "output":
        return [programOutput(event)];
      case "outputs":
        return this.outputs(event);
      case "summary":
        return [summary(event)];
    }
  }

  private prelude({ mode, config, recovered = [] }: Event<"prelude">): JsonObject[] {
    this.planning = mode === "preview";
    this.stepsDone = 0;
    this.isRefresh = false;
    const found = recovered.map((message) =>
      diagnostic({ type: "diagnostic", severity: "warning", message }),
    );
    return [{ preludeEvent: { config } }, ...found];
  }

  private resource(step: StepView): JsonObject {
    return {
      metadata: stepMetadata(step, { found: this.isRefresh }),
      ...(this.planning ? { planning: true } : {}),
    };
  }

  /** What went wrong stands in a diagnostic of its own, before the event that says that it did. */
  private failure({ step, message }: Event<"stepFailed">): JsonObject[] {
    const { urn, position } = step;
    return [
      diagnostic({ type: "diagnostic", severity: "error", urn, position, message }),
      { resOpFailedEvent: { metadata: stepMetadata(step), status: 0, steps: this.stepsDone } },
    ];
  }

  /** The stack's outputs come as those of its resource, a second time. */
  private outputs({ outputs }: Event<"outputs">): JsonObject[] {
    if (!this.stack?.new) return [];
    return [{ resOutputsEvent: this.resource({ ...this.stack, new: { ...this.stack.new, outputs } }) }];
  }
}

function diagnostic({ urn, message, severity, position, ephemeral }: Event<"diagnostic">): JsonObject {
  const prefix = severity === "error" || severity === "warning" ? `${severity}: ` : "";
  return {
    diagnosticEvent: {
      ...(urn ? { urn } : {}),
      ...(prefix ? { prefix } : {}),
      message: `${position ? `${position}: ${message}` : message}\n`,
      color: "never",
      severity,
      ...(ephemeral ? { ephemeral } : {}),
    },
  };
}

/** The CLI tells a program's output as diagnostics too. */
function programOutput({ stream, line }: Event<"output">): JsonObject {
  const severity = stream === "stdout" ? "info" : "info#err";
  return { diagnosticEvent: { message: `${line}\n`, color: "never", severity } };
}

function summary({ seconds, changes, preview, result }: Event<"summary">): JsonObject {
  return {
    summaryEvent: {
      maybeCorrupt: false,
      durationSeconds: Math.ceil(seconds),
      resourceChanges: changes,
      PolicyPacks: {},
      isPreview: preview,
      result: result === "cancelled" ? "canceled" : result,
    },
  };
}

import type { createColors } from "picocolors";
import { UNKNOWN } from "../wire/property-value";
import type { PropertyMap, PropertyValue } from "../wire/property-value";
import { ROOT_STACK_TYPE } from "../wire/urn";
import type { DeploymentEvent, StepView } from "./events";
import { displayWidth, padToWidth } from "./display-width";
import { diffProperties, diffResource } from "./property-diff";
import { resourceName } from "./resource-name";
import { changeCount, isChange, STEP_WORDS, summarize, summarizeFound } from "./step-words";
import { duration, wrap } from "./text";
import { valueText } from "./value-text";

export interface PlainDisplayOptions {
  write(text: string): void;
  colors: ReturnType<typeof createColors>;
  /** Columns; default 110. */
  width?(): number | undefined;
  /** Steps that take longer are announced while they run; milliseconds, default 1,000; Infinity for never. */
  slowAfter?: number;
}

type Event<T extends DeploymentEvent["type"]> = Extract<DeploymentEvent, { type: T }>;

/** Inputs that tell most about an image or instance; a plan line shows those that there are. */
const KEY_FACTS = [
  "architecture",
  "imageType",
  "instanceId",
  "volumeId",
  "imageId",
  "diskFile",
  "adoptId",
  "memberId",
  "systemDisk",
  "size",
];

const TITLES = { preview: "Previewing", up: "Deploying", refresh: "Refreshing", destroy: "Destroying" };

/** Renders a run as plain lines, in the order in which things happen; a terminal or a log shows the same. */
export class PlainDisplay {
  private mode: Event<"prelude">["mode"] = "preview";
  /** Steps tell what was found to have been done, in a preview too. */
  private isRefresh = false;
  private readonly slow = new Map<string, NodeJS.Timeout>();
  private readonly progress = new Map<string, string>();
  private readonly replaced = new Set<string>();
  private readonly failures = new Map<string, string[]>();
  private last = "";
  /** Heading of the failure that was told last, until anything else is. */
  private justFailed: string | undefined;

  constructor(private readonly options: PlainDisplayOptions) {}

  readonly emit = (event: DeploymentEvent): void => {
    switch (event.type) {
      case "prelude":
        return this.prelude(event);
      case "step":
        return this.step(event.step);
      case "stepDone":
        return this.stepDone(event);
      case "stepFailed":
        return this.stepFailed(event);
      case "diagnostic":
        return this.diagnostic(event);
      case "output":
        return this.line(event.line);
      case "outputs":
        return this.outputs(event);
      case "summary":
        return this.summary(event);
    }
  };

  /** Shows what a run that ended without a summary left to say, and leaves no timer behind. */
  close(): void {
    this.showFailures();
    for (const timer of this.slow.values()) clearTimeout(timer);
    this.slow.clear();
  }

  private prelude({ mode, project, stack, recovered }: Event<"prelude">): void {
    this.mode = mode;
    this.isRefresh = false;
    this.line("");
    this.line(this.options.colors.bold(`${TITLES[mode]} ${project}, stack ${stack}`));
    for (const sentence of recovered ?? []) this.paragraph(this.options.colors.yellow("!"), sentence);
    this.line("");
  }

  private step(step: StepView): void {
    if (step.op === "refresh") this.isRefresh = true;
    if (this.mode === "preview") return this.planned(step);
    if (!isChange(step.op) || step.type === ROOT_STACK_TYPE) return;
    const { slowAfter = 1000 } = this.options;
    if (slowAfter === Infinity) return;
    const timer = setTimeout(() => {
      this.line(`${this.signed(step, STEP_WORDS[step.op].doing)} …`);
    }, slowAfter);
    timer.unref();
    this.slow.set(key(step), timer);
  }

  /** One line a resource: a replacement's deletion and creation are told by its "replace". */
  private planned(step: StepView): void {
    if (step.op === "same" || step.op === "refresh" || step.op === "create-replacement") return;
    if (step.op === "replace") this.replaced.add(step.urn);
    if (step.op === "delete-replaced" && this.replaced.has(step.urn)) return;
    this.line(this.signed(step, STEP_WORDS[step.op].plan));
    if (step.op === "create") this.keyFacts(step.new?.inputs ?? {});
    if (step.op === "update" || step.op === "replace") this.differences(step);
  }

  private stepDone({ step, seconds }: Event<"stepDone">): void {
    this.forget(step);
    if (this.isRefresh) return this.found(step);
    if (this.mode === "preview" || step.op === "same" || step.op === "replace") return;
    const took = seconds >= 0.05 ? this.options.colors.dim(` (${duration(seconds)})`) : "";
    this.line(this.signed(step, STEP_WORDS[step.op].done) + took);
    if (step.op === "update") this.differences(step);
  }

  private found(step: StepView): void {
    if (step.op === "same") return;
    this.line(this.signed(step, step.op === "delete" ? "gone" : "changed"));
    if (step.op === "update") {
      this.differences(step, diffResource(step, "inputs").length > 0 ? "inputs" : "outputs");
    }
  }

  private stepFailed({ step, message }: Event<"stepFailed">): void {
    this.forget(step);
    const verb = this.mode === "preview" ? "can't be" : "not";
    const { part, done } = STEP_WORDS[step.op];
    // "Replacement of Thing a not created"
    const [what, said] = part ? [`${part} `, done.split(" ")[0]] : ["", done];
    this.failure(`${what}${resourceName(step.urn)} ${verb} ${said}`, step.position, message);
  }

  private diagnostic({ severity, urn, message, position, ephemeral }: Event<"diagnostic">): void {
    const { colors } = this.options;
    if (severity === "debug") return;
    const text = message.trimEnd();
    if (text === "") return;
    if (ephemeral && urn && this.progress.get(urn) === text) return;
    if (urn) this.progress.set(urn, text);
    if (severity === "error") {
      this.failure(urn ? resourceName(urn) : "error", position, text);
    } else if (severity === "warning") {
      this.paragraph(colors.yellow("!"), urn ? `${resourceName(urn)}: ${text}` : text);
    } else {
      this.paragraph(colors.dim("·"), urn ? `${resourceName(urn)}: ${text}` : text);
    }
  }

  private outputs({ outputs, old }: Event<"outputs">): void {
    const names = Object.keys(outputs);
    if (names.length === 0) return;
    const widest = Math.max(...names.map(displayWidth));
    const changed = new Set(old ? diffProperties(old, outputs).map(({ path }) => path.split(/[.[]/)[0]) : []);
    this.line("");
    this.line(this.options.colors.bold("Outputs"));
    for (const name of names) {
      const mark = changed.has(name) ? "~" : " ";
      this.line(`${mark} ${padToWidth(name, widest)}  ${valueText(outputs[name])}`);
    }
  }

  private summary({ result, preview, seconds, changes }: Event<"summary">): void {
    const { colors } = this.options;
    const text = this.isRefresh ? summarizeFound(changes) : summarize(changes, preview);
    const took = preview ? "" : ` in ${duration(seconds)}`;
    this.showFailures();
    this.line("");
    if (result === "failed") {
      const nothing = preview
        ? "Nothing was changed."
        : text
          ? `Done before it: ${text}.`
          : "Nothing was changed.";
      this.line(colors.red(`${preview ? "Preview" : "Run"} failed${took}. ${nothing}`));
    } else if (result === "cancelled") {
      this.line(colors.yellow(`Cancelled${took}. ${text && `Done before it: ${text}.`}`.trimEnd()));
    } else if (changeCount(changes) === 0) {
      this.line(`No changes${text ? `: ${text}` : ""}.`);
    } else {
      this.line(colors.bold(text) + took);
    }
  }

  private keyFacts(inputs: PropertyMap): void {
    const facts = KEY_FACTS.filter((name) => inputs[name] !== undefined).map(
      (name) => `${name} ${factText(inputs[name])}`,
    );
    if (facts.length > 0) this.line(wrap(facts.join(", "), this.width, "      "));
  }

  private differences(step: StepView, side: "inputs" | "outputs" = "inputs"): void {
    const replaces = new Set(step.replaces);
    for (const { path, kind, old, new: now } of diffResource(step, side)) {
      const sign = kind === "add" ? "+" : kind === "delete" ? "-" : "~";
      const change =
        kind === "add"
          ? valueText(now)
          : kind === "delete"
            ? valueText(old)
            : `${valueText(old)} => ${valueText(now)}`;
      const forces = replaces.has(path.split(/[.[]/)[0]!) ? this.options.colors.magenta(" (replaces)") : "";
      this.line(wrap(`${sign} ${path}: ${change}${forces}`, this.width, "      ", "        "));
    }
  }

  /** A plan's failures come together after it; those of a deployment when they happen. */
  private failure(title: string, position: string | undefined, message: string): void {
    const heading = this.options.colors.bold(title) + (position ? ` (${position})` : "");
    const messages = this.failures.get(heading) ?? [];
    this.failures.set(heading, [...messages, message.trimEnd()]);
    if (this.mode !== "preview") this.showFailures();
  }

  private showFailures(): void {
    if (this.failures.size > 0 && this.mode === "preview") this.line("");
    for (const [heading, messages] of this.failures) {
      if (heading !== this.justFailed) this.line(`${this.options.colors.red("✗")} ${heading}`);
      for (const line of messages.join("\n").split("\n")) this.line(wrap(line, this.width, "    ", "      "));
      this.justFailed = heading;
    }
    this.failures.clear();
  }

  private paragraph(sign: string, text: string): void {
    this.line(`${sign} ${wrap(text, this.width - 2, "", "  ")}`);
  }

  private signed({ op, urn }: StepView, words: string): string {
    const { sign, color } = STEP_WORDS[op];
    return this.options.colors[color](`${sign} ${words.padEnd(7)}`) + ` ${resourceName(urn)}`;
  }

  private forget(step: StepView): void {
    clearTimeout(this.slow.get(key(step)));
    this.slow.delete(key(step));
    this.progress.delete(step.urn);
  }

  private get width(): number {
    return Math.max(this.options.width?.() ?? 110, 40);
  }

  /** Never two empty lines together. */
  private line(text: string): void {
    if (text === "" && this.last === "") return;
    this.last = text;
    this.justFailed = undefined;
    this.options.write(`${text}\n`);
  }
}

const factText = (value: PropertyValue | undefined): string =>
  typeof value === "string" && value !== UNKNOWN ? value : valueText(value);

const key = ({ op, urn }: StepView): string => `${op} ${urn}`;

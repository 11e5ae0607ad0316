import { ROOT_STACK_TYPE } from "../wire/urn";
import { cutToWidth, displayWidth } from "./display-width";
import type { DeploymentEvent, Display, StepView } from "./events";
import { LiveArea } from "./live-area";
import type { Terminal } from "./live-area";
import { PlainDisplay } from "./plain-display";
import type { PlainDisplayOptions } from "./plain-display";
import { resourceName } from "./resource-name";
import { isChange, STEP_WORDS } from "./step-words";
import { duration } from "./text";

/** Often enough to look alive. */
const REDRAW_MS = 100;
/** Columns that are left to what is done to which resource. */
const NARROWEST = 24;

interface Work {
  step: StepView;
  since: number;
  progress?: string;
}

/**
 * Renders a run for somebody who watches it: plain lines of what has ended scroll up, and each resource that is at work
 * has a line below them, drawn over as it gets on.
 */
export class LiveDisplay implements Display {
  private readonly area: LiveArea;
  private readonly plain: PlainDisplay;
  private readonly work = new Map<string, Work>();
  private timer: NodeJS.Timeout | undefined;
  private planning = true;

  constructor(
    private readonly options: Terminal & Pick<PlainDisplayOptions, "colors">,
    private readonly now: () => number = Date.now,
  ) {
    this.area = new LiveArea(options, options.colors.dim);
    this.plain = new PlainDisplay({
      write: (text) => this.draw(text),
      colors: options.colors,
      width: options.columns,
      slowAfter: Infinity,
    });
  }

  readonly emit = (event: DeploymentEvent): void => {
    this.follow(event);
    if (event.type === "diagnostic" && event.ephemeral) return;
    this.plain.emit(event);
  };

  /** A sentence of the command's own, above what is at work. */
  say(text: string): void {
    this.draw(`${text}\n`);
  }

  close(): void {
    this.clear();
    this.plain.close();
  }

  private follow(event: DeploymentEvent): void {
    switch (event.type) {
      case "prelude":
        this.planning = event.mode === "preview";
        return;
      case "step":
        return this.begin(event.step);
      case "stepDone":
      case "stepFailed":
        this.work.delete(event.step.urn);
        return;
      case "diagnostic":
        return this.progress(event);
      case "summary":
        return this.clear();
    }
  }

  /** What is only planned is at no work, unless it is looked up. */
  private begin(step: StepView): void {
    const works = step.op === "refresh" || (!this.planning && (isChange(step.op) || step.op === "read"));
    if (!works || step.type === ROOT_STACK_TYPE || step.op === "replace") return;
    this.work.set(step.urn, { step, since: this.now() });
    this.timer ??= setInterval(() => this.draw(), REDRAW_MS).unref();
  }

  private progress({ urn, message, ephemeral }: Extract<DeploymentEvent, { type: "diagnostic" }>): void {
    const work = urn && this.work.get(urn);
    if (work && ephemeral) work.progress = message.trim();
  }

  private clear(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.work.clear();
    this.area.show([]);
  }

  private draw(above?: string): void {
    this.area.show(this.lines(), above);
  }

  /** What has been at work long enough to be seen; where there is little room, the name gives way. */
  private lines(): string[] {
    const shown = [...this.work.values()].filter(({ since }) => this.now() - since >= REDRAW_MS);
    return shown.map(({ step, since, progress = "" }) => {
      const { sign, doing } = STEP_WORDS[step.op];
      const seconds = Math.floor((this.now() - since) / 1000);
      const tail = [seconds > 0 ? ` (${duration(seconds)})` : "", progress && ` ${progress}`].join("");
      const room = Math.max(this.options.columns() - 1 - displayWidth(tail), NARROWEST);
      return cutToWidth(`${sign} ${doing} ${resourceName(step.urn)}`, room) + tail;
    });
  }
}

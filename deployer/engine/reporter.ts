import type { Emit } from "../display/events";
import { ProviderError } from "../plugins/provider-error";
import { programError } from "../program/program-error";
import type { CheckFailed } from "./check-failed";
import type { Executor } from "./executor";

type Severity = "debug" | "info" | "warning" | "error";

/** Tells what goes wrong in a run, once: after the first failure others follow from it. */
export class Reporter {
  /** Something has been refused or has failed; in a preview the rest is looked at all the same. */
  failed = false;

  constructor(
    private readonly emit: Emit,
    private readonly executor: Executor,
    private readonly projectDir: string,
  ) {}

  /** Ends the run. */
  fail(message: string, position?: string): void {
    if (!this.executor.stopped) this.tell("error", message, undefined, position);
    this.executor.fail();
  }

  /** What a provider says doesn't name the resource; what the engine says does. */
  failWith(error: Error, { name, position }: { name?: string; position?: string }): void {
    this.fail(error instanceof ProviderError && name ? `${name}: ${error.message}` : error.message, position);
  }

  /** What a check refuses; the run may go on. */
  refused({ state, position, failures }: CheckFailed): void {
    this.failed = true;
    for (const { property, reason } of failures)
      this.tell("error", property ? `${property}: ${reason}` : reason, state.urn, position);
  }

  isProtected(urn: string): void {
    this.failed = true;
    this.tell(
      "error",
      "It is protected and can't be deleted: give the resource back to the program, take " +
        `"protect" from its options and run up; then delete it.`,
      urn,
    );
  }

  warn(urn: string, message: string): void {
    this.tell("warning", message, urn);
  }

  /** What the program says by its SDK. */
  log(severity: Severity, message: string, urn: string, ephemeral: boolean): void {
    // Debug messages are for the SDK's developers, and have secrets in them.
    if (severity === "debug") return;
    const common = { type: "diagnostic", severity, urn: urn || undefined } as const;
    if (severity !== "error") {
      this.emit({ ...common, message, ephemeral: ephemeral || undefined });
      return;
    }
    // What the program logs is no failure, unless it ends with one. Once the run has been stopped, it is about that.
    if (!this.executor.stopped) this.emit({ ...common, ...programError(message, this.projectDir) });
  }

  private tell(severity: "warning" | "error", message: string, urn?: string, position?: string): void {
    this.emit({ type: "diagnostic", severity, urn, position, message });
  }
}

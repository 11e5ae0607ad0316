/**
 * A rule broken by what a program declares: the user's to fix. Rules return them; `messages.ts` words them;
 * check returns them as failures, and a transaction that refuses throws them all at once.
 */
export interface Violation {
  /** The input that is wrong, as the program spells it; "" where it is none in particular (or a secret). */
  property: string;
  /** Whole sentences: what is wrong, the figures, and what to do. */
  reason: string;
}

const VIOLATIONS = Symbol.for("pulumi-private-images.ViolationError");
const FAULT = Symbol.for("pulumi-private-images.Fault");

/** Thrown where violations are found too late to be returned (create, update, delete). Branded: several copies of the package may be loaded. */
export class ViolationError extends Error {
  readonly [VIOLATIONS] = true;
  constructor(readonly violations: Violation[]) {
    super(violations.map((v) => (v.property ? `${v.property}: ${v.reason}` : v.reason)).join("\n"));
    this.name = "ViolationError";
  }
  static is(error: unknown): error is ViolationError {
    return typeof error === "object" && error !== null && VIOLATIONS in error;
  }
}

/** The provider's or the machine's failure: what was being done, what it says, and what is left in place. */
export class Fault extends Error {
  readonly [FAULT] = true;
  constructor(
    /** What was being done: "copying the system disk of instance i-1". */
    readonly doing: string,
    options: { cause?: unknown; says?: string; left?: string },
  ) {
    const says =
      options.says ?? (options.cause instanceof Error ? options.cause.message : String(options.cause ?? ""));
    const sentences = [`${doing} failed: ${says}`, options.left]
      .filter(Boolean)
      .map((text) => text!.replace(/\.$/, ""));
    super(`${sentences.join(". ")}.`, { cause: options.cause });
    this.name = "Fault";
  }
  static is(error: unknown): error is Fault {
    return typeof error === "object" && error !== null && FAULT in error;
  }
}

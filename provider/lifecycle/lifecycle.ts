import type { Violation } from "../engine/violation";

/** Inputs or outputs of a resource: JSON values by name. An unknown value is the sentinel of `inputs.ts`. */
export type Properties = Record<string, unknown>;

export interface Difference {
  changes: boolean;
  /** Inputs whose change can't be made in place. */
  replaces: string[];
  deleteBeforeReplace: boolean;
}

/**
 * Pulumi's six verbs for one kind of resource, whatever carries them: the dynamic provider's host, or a plugin.
 * Outputs echo every input, since delete and read see nothing else.
 */
export interface Lifecycle {
  /** `olds` are the old inputs, empty for a creation; the inputs returned have every fact that is known by now. */
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; violations: Violation[] }>;
  /** `olds` are the old outputs, `news` what check returned. */
  diff(id: string, olds: Properties, news: Properties): Difference;
  create(inputs: Properties): Promise<{ id: string; outputs: Properties }>;
  /** Undefined where it is gone. `properties` are the old outputs, or nothing of ours where a program only looks it up. */
  read(
    id: string,
    properties: Properties,
  ): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined>;
  /** Throws `PartialFailure` where something has changed and something has failed. */
  update(id: string, olds: Properties, news: Properties): Promise<Properties>;
  /** Deleting what is gone succeeds. `properties` are the old outputs. */
  delete(id: string, properties: Properties): Promise<void>;
}

/** The resource stands, but not as it was asked for: its state is recorded, and the next run goes on from there. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    override readonly cause: Error,
  ) {
    super(cause.message);
    this.name = "PartialFailure";
  }
}

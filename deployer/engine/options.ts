import type { Emit, StepOp } from "../display/events";
import type { Snapshot } from "../state/resource-state";
import type { StackStore } from "../state/stack-store";

/** What a run works on, and how; every mode takes the same. */
export interface RunOptions {
  project: {
    name: string;
    /** The folder of Pulumi.yaml, absolute. */
    dir: string;
    /** `main` of Pulumi.yaml: a file or folder relative to `dir`. */
    main?: string;
    runtime?: {
      /** `runtime.options.typescript`; default true, as with the CLI. */
      typescript?: boolean;
      /** `runtime.options.nodeargs`, split into words. */
      nodeArgs?: string[];
    };
  };
  stack: {
    name: string;
    /** Configuration in plain text, secrets decrypted: `namespace:key` → value. */
    config: Record<string, string>;
    secretKeys: Set<string>;
  };
  store: StackStore;
  emit: Emit;
  /** Steps at work at the same time; default 16. */
  parallel?: number;
  cancel?: {
    /** Starts no new step; those at work end. */
    graceful: AbortSignal;
    /** Kills what is at work. */
    immediate: AbortSignal;
  };
}

export interface UpOptions extends RunOptions {
  /** Skips the planning-only pass that otherwise comes first, and with it the promise that nothing changes when a rule refuses. */
  skipPreview?: boolean;
}

export interface DestroyOptions extends RunOptions {
  /** Tells what it would do, and changes nothing. */
  preview?: boolean;
}
export type RefreshOptions = DestroyOptions;

export interface RunResult {
  result: "succeeded" | "failed" | "cancelled";
  /** Counts by step; a replacement counts once, as "replace". */
  changes: Partial<Record<StepOp, number>>;
  /** What the stack has now; none after a preview. */
  snapshot?: Snapshot;
}

import type { ResourceState } from "../state/resource-state";
import type { PropertyMap } from "../wire/property-value";

export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "refresh"
  | "discard-replaced"
  | "remove-pending-replace";

/** One step as the display sees it; old and new with secrets still marked (the display shows `[secret]`). */
export interface StepView {
  op: StepOp;
  urn: string;
  type: string;
  /** Where the program declares it: `index.ts:12` relative to the project, where known. */
  position?: string;
  old?: ResourceState;
  new?: ResourceState;
  /** Top-level properties that differ, and those that force a replacement. */
  changed?: string[];
  replaces?: string[];
}

/** What a run tells, in order; the engine emits, the display and `--json` render. */
export type DeploymentEvent =
  | {
      type: "prelude";
      mode: "preview" | "up" | "refresh" | "destroy";
      project: string;
      stack: string;
      config: Record<string, string>;
      recovered?: string[];
    }
  | { type: "step"; step: StepView }
  | { type: "stepDone"; step: StepView; seconds: number }
  | { type: "stepFailed"; step: StepView; message: string }
  | {
      type: "diagnostic";
      severity: "debug" | "info" | "warning" | "error";
      urn?: string;
      message: string;
      /** `index.ts:12`, where known. */
      position?: string;
      /** Progress that the next message of the same resource replaces. */
      ephemeral?: boolean;
    }
  /** The program's own standard output and error, line by line. */
  | { type: "output"; stream: "stdout" | "stderr"; line: string }
  | { type: "outputs"; outputs: PropertyMap; old?: PropertyMap }
  | {
      type: "summary";
      result: "succeeded" | "failed" | "cancelled";
      preview: boolean;
      seconds: number;
      /** Counts by step; a replacement counts once, as "replace". */
      changes: Partial<Record<StepOp, number>>;
    };

export type Emit = (event: DeploymentEvent) => void;

/** Shows a command's runs, one after the other. */
export interface Display {
  readonly emit: Emit;
  /** Ends what it shows; nothing is emitted afterwards. */
  close(): void;
}

import type { StepOp } from "../display/events";
import type { Provider } from "./provider";
import type { ResourceState } from "../state/resource-state";
import type { ResourceRef } from "./journal";

/** A resource of the base snapshot, and what this run has done to it so far. */
export interface OldResource {
  state: ResourceState;
  readonly ref: ResourceRef;
}

/** One thing to do, decided on: the executor does it, and asks nothing more. */
export interface Step {
  op: StepOp;
  /** The place in the snapshot of what it makes; see the journal. */
  number: number;
  urn: string;
  /** `index.ts:12` */
  position?: string;
  old?: OldResource;
  /** Filled in by the executor: ID, outputs, times. */
  new?: ResourceState;
  /** Who does it; none where there is nothing to ask a provider. */
  provider?: Provider;
  /** Of a created replacement: what it replaces is deleted at the end of the run. */
  deletesOldLater?: boolean;
  /** Of a deletion: its replacement comes afterwards. */
  replacedAfterwards?: boolean;
  ignoreChanges?: string[];
  changed?: string[];
  replaces?: string[];
}

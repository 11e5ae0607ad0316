import type { PropertyMap } from "../wire/property-value";

/** A resource of a deployment (format version 3): the same names in memory as in the file, secrets in the wire's form. */
export interface ResourceState {
  urn: string;
  custom: boolean;
  type: string;
  id?: string;
  parent?: string;
  inputs?: PropertyMap;
  outputs?: PropertyMap;
  /** `<urn>::<id>` of the provider resource; "" for components. */
  provider?: string;
  /** Sets: order carries no meaning. */
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  protect?: boolean;
  retainOnDelete?: boolean;
  deletedWith?: string;
  /** Replaced already, waiting for its deletion. */
  delete?: boolean;
  /** Deleted by a delete-before-replace whose replacement hasn't been made. */
  pendingReplacement?: boolean;
  /** Read by `.get`, not owned. */
  external?: boolean;
  initErrors?: string[];
  additionalSecretOutputs?: string[];
  aliases?: string[];
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  customTimeouts?: { create?: number; update?: number; delete?: number };
  created?: string;
  modified?: string;
  sourcePosition?: string;
  stackTrace?: { sourcePosition: string }[];
}

export interface PendingOperation {
  resource: ResourceState;
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
}

/** What a stack has: resources in an order in which parents, providers and dependencies come first. */
export interface Snapshot {
  resources: ResourceState[];
  pendingOperations: PendingOperation[];
}

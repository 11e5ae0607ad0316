import type { PropertyMap } from "../wire/property-value";

/** One Check failure; property "" speaks of the whole resource. */
export interface CheckFailure {
  property: string;
  reason: string;
}
export interface CheckResult {
  inputs: PropertyMap;
  failures: CheckFailure[];
}
export interface DiffResult {
  /** `unknown`: the provider leaves it to the engine to compare inputs. */
  changes: "none" | "some" | "unknown";
  replaces: string[];
  changed: string[];
  deleteBeforeReplace: boolean;
}
export interface CreateResult {
  id: string;
  outputs: PropertyMap;
  /** Created, but not brought up: why. */
  initErrors?: string[];
}
export interface UpdateResult {
  outputs: PropertyMap;
  initErrors?: string[];
}
export interface ReadResult {
  /** "": the resource is gone. */
  id: string;
  outputs?: PropertyMap;
  inputs?: PropertyMap;
  initErrors?: string[];
}

/** What a call about an existing resource tells of it. */
export interface Existing {
  urn: string;
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
}

import type { Verb } from "../../support/engines";

/** What a scripted program is made of; the program reads it as JSON and declares it in this order. */
export interface Program {
  /** Each resource is registered before the next is declared; else all of them at once. */
  inTurn: boolean;
  /** Each custom resource depends on the one before it, so that one alone is deleted at a time. */
  chained: boolean;
  nodes: Node[];
  outputs: Record<string, Expression>;
}

/** A resource of the program. `key` names it for good: in the scripts of faults, and in what its provider makes. */
export interface Node {
  key: string;
  name: string;
  kind: Kind;
  /** Which of its kind's types it has: the first, where it isn't there. */
  variant?: number;
  inputs: Record<string, Expression>;
  options: Options;
}

/**
 * `component`: a local component; `full`: a custom resource whose provider checks and compares; `plain`: one whose
 * provider leaves both to the engine; `external`: one that is only read, by the ID in its input `id`;
 * `provider`: an explicit provider of the last three.
 */
export type Kind = "component" | "full" | "plain" | "external" | "provider";

/** Options by their names in Pulumi; resources by their keys. */
export interface Options {
  parent?: string;
  dependsOn?: string[];
  deletedWith?: string;
  provider?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  deleteBeforeReplace?: boolean;
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  additionalSecretOutputs?: string[];
  aliases?: Alias[];
}

export interface Alias {
  /** A whole URN; the rest says what of it was different. */
  urn?: string;
  name?: string;
  type?: string;
  /** Key of the former parent; null: it had none. */
  parent?: string | null;
}

export type Expression =
  | { value: unknown }
  | { secret: unknown }
  | { of: string; property: Property; by: "itself" | "apply" | "interpolate" | "all" | "secret" | "nested" };

export type Property = "id" | "urn" | "a" | "made" | "derived";

/** What goes wrong in a step, by the resource's key. */
export type Faults = Record<string, Fault>;

export interface Fault {
  check?: "refuses" | "throws";
  diff?: "throws";
  create?: "throws" | "comes up half";
  update?: "throws" | "comes up half";
  delete?: "throws";
  read?: "throws" | "drifted" | "drifted inputs" | "gone" | "unhealthy";
}

export interface Step {
  verb: Verb;
  program: Program;
  faults: Faults;
  /** The program throws before it declares the node at this place. */
  throwsAt?: number;
}

/** Runs of a program that changes between them. */
export interface History {
  steps: Step[];
}

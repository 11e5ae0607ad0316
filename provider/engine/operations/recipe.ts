import type { CatalogTransaction } from "../catalog/catalog";
import type { ForeseenContent } from "../disks/disk-store";
import type { Kind, Kinds, Origin } from "../model";
import type { DraftOf, FactReader } from "../records";
import type { Declaration, Maybe } from "../requests";
import type { Violation } from "../violation";
import type { IdPrefix } from "./ids";
import type { Work } from "./time-limit";

export interface Declared {
  declaration: Declaration;
  adoptId?: Maybe<string>;
}

/** In what role a request is looked at. */
export interface Role<K extends Kind> {
  /** `create`: takes a place; `adopt`: takes over what stands; `keep`: the state knows it. */
  as: "create" | "adopt" | "keep";
  /** What stands. Absent for a record to adopt that isn't known yet, or one to keep that is gone or will be replaced. */
  standing?: Kinds[K];
  id: string;
  origin: Origin;
  contentId(prefix: IdPrefix): string;
  /** What it replaces, where that stands until it is made. */
  replaces?: Kinds[K];
  /** Made by this run, not by another that runs at the same time. */
  isMadeHere(record: DraftOf<Kind>): boolean;
}

/** What a request amounts to: everything wrong with it, and the record that it will be. */
export interface Assessment<K extends Kind, From = string> {
  violations: Violation[];
  draft: DraftOf<K>;
  /** What it is filled from: the ID of a disk content, where the recipe needs no more. */
  from?: From;
  /** In role `keep`: the source differs, so that the resource will be replaced and what stands stays as it is. */
  replaced?: boolean;
}

/** What the creation of one kind of resource consists of. */
export interface Recipe<K extends Kind, Request extends Declared, From = string> {
  kind: K;
  /** "image", "conversion": for messages. */
  noun: string;
  idPrefix: IdPrefix;
  assess(facts: FactReader, request: Request, role: Role<K>): Promise<Assessment<K, From>>;
  /** Something that stands undeclared, or that this very declaration made and the state forgot, and is all that is asked for. */
  twin?(facts: FactReader, request: Request): Promise<DraftOf<K> | undefined>;
  /** Whether a record of the same declaration is what the request asks for; UNKNOWN where that can't be told yet. */
  matches(facts: FactReader, request: Request, record: DraftOf<K>): Promise<Maybe<boolean>>;
  /**
   * Where filling a record takes no more than that the catalogue writes down what its contents are: those, and what
   * `fill` would find out.
   */
  foresee?(record: Kinds[K], from: From | undefined): Promise<Foreseen<K> | undefined>;
  /** Disk work between taking the place and being done; returns what it found out. */
  fill?(record: Kinds[K], from: From | undefined, work: Work): Promise<Partial<Kinds[K]>>;
  /** Further writes of the transaction that says it is done. `record`: as it was while being made. */
  settle?(tx: CatalogTransaction, record: Kinds[K], from: From | undefined): Promise<Settled | undefined>;
  /** Creations with the same line run one after another. */
  line?(request: Request): string | undefined;
}

export interface Foreseen<K extends Kind> {
  contents: readonly ForeseenContent[];
  found: Partial<Kinds[K]>;
}

/** What changed together with a record's being done. */
export interface Settled {
  instance: Kinds["instance"];
  /** Contents that the instance no longer names. */
  released: string[];
}

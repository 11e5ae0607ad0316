import type { ImageEngine, Operations } from "../engine/engine";
import { isKnown } from "../engine/requests";
import type { Declaration, Maybe, Reference } from "../engine/requests";
import type { Known } from "./inputs";
import type { Properties } from "./lifecycle";
import type { Arguments } from "./schema";

/** What every record has that a lifecycle asks of it. */
export interface AnyRecord {
  id: string;
  region: string;
  account?: string;
}

/** URNs of the resources behind references, added by the classes. */
export interface DeclaredReferences {
  imageDeclaredBy?: string;
  instanceDeclaredBy?: string;
  volumeDeclaredBy?: string;
}

/** One kind of resource: how its inputs become a request of the engine, and the engine's records its outputs. */
export interface ResourceKind<Inputs, Request, Facts extends object, Record extends AnyRecord> {
  /** In a message: "image". */
  noun: string;
  arguments: Arguments;
  operations(engine: ImageEngine): Operations<Request, Facts, Record>;
  /** `pathOf` makes a path of the program absolute. */
  request(
    inputs: Known<Inputs & DeclaredReferences>,
    declaration: Declaration,
    pathOf: (path: string) => string,
  ): Request;
  /** `stated` are the inputs, or the old outputs. */
  outputs(record: Record, stated: Properties): Properties;
  /** Arguments that name another resource (`image` for `imageId`), and the classes that may be behind it. */
  references: { [argument: string]: readonly string[] };
  /** Arguments that say what it is made from; one that isn't stated any more says nothing of what stands. */
  sources: readonly string[];
  /** Arguments that change in place. */
  inPlace: readonly string[];
  /** What a user is to know of what was found, a sentence each; told when it is read. */
  notices?(record: Record): string[];
  /** Whether an update puts something right that a refresh found, where no argument changed. */
  restores?(outputs: Properties): boolean;
  /** What arguments are where the program doesn't state them. */
  defaults: Properties;
  /** Arguments that check fills in where the program doesn't state them, of the same name as the facts. */
  resolved: readonly string[];
  /** Further facts that later resources see among the inputs. */
  shown: readonly string[];
  /** Facts that are no inputs of the same name. */
  settle?(inputs: Properties, facts: Partial<Facts>): void;
}

/** What a reference's ID and the URN behind it are, if either is there. */
export function reference(
  id: Maybe<string> | undefined,
  declaredBy: Maybe<string> | undefined,
): Reference | undefined {
  if (id === undefined) return undefined;
  return declaredBy !== undefined && isKnown(declaredBy) ? { id, declaredBy } : { id };
}

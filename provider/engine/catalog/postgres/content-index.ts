import type {
  Begun,
  ContentEntry,
  ContentIndex,
  DiscardedContent,
  ObjectDraft,
  SealedObject,
  UnnamedObject,
  WholeContent,
} from "../../disks/bucket/content-index";
import { Fault } from "../../violation";
import type { PostgresDatabase } from "./database";
import { isRefusal } from "./failures";
import { standingWhole } from "./lost-commits";

/** What the database hands out of an object: its data key only while the master key is enabled that wraps it. */
type Shown<T extends ObjectDraft> = Omit<T, "wrappedKey"> & { wrappedKey: string | null; wrappedBy: string };
type ShownWhole = Omit<WholeContent, "object"> & { object?: Shown<SealedObject> };
type ShownEntry =
  | Extract<ContentEntry, { state: "named" }>
  | (Omit<Extract<ContentEntry, { state: "writing" }>, keyof ObjectDraft> & Shown<ObjectDraft>)
  | (Omit<Extract<ContentEntry, { state: "whole" }>, keyof WholeContent> & ShownWhole);

/** As long as what any vault gives, and nothing that one gives. */
const WITHHELD = "A".repeat(80);

/** Where contents stand, in a team's database: whose they are its records say. */
export class PostgresContentIndex implements ContentIndex {
  readonly isCatalogs = true;

  /** Whoever opened the database closes it. */
  constructor(private readonly database: PostgresDatabase) {}

  async find(id: string): Promise<ContentEntry | undefined> {
    const entry = await this.database.call<ShownEntry | null>("content", id);
    return entry ? asEntry(entry) : undefined;
  }

  async list(): Promise<readonly ContentEntry[]> {
    const text = "select coalesce(jsonb_agg(entry), '[]') as answer from images.contents() as entry";
    return (await this.ask<ShownEntry[]>(text)).map(asEntry);
  }

  discarded(): Promise<readonly DiscardedContent[]> {
    const text =
      "select coalesce(jsonb_agg(content), '[]') as answer from images.discarded_contents() as content";
    return this.ask(text);
  }

  async begin(
    id: string,
    { objectId, wrappedKey, locked, madeOf }: ObjectDraft & { madeOf?: string },
  ): Promise<Begun> {
    const draft = JSON.stringify({ objectId, wrappedKey, locked, madeOf });
    const begun = await this.change<Shown<Begun>>(`Beginning disk ${id}`, "begin_content", id, draft);
    return { ...withKey(begun), ...(begun.isTakenOver && { isTakenOver: true }) };
  }

  async finish(id: string, { virtualBytes, sizeBytes, object, checksum }: WholeContent): Promise<void> {
    const whole = JSON.stringify({ virtualBytes, sizeBytes, object, checksum });
    await this.change(`Finishing disk ${id}`, "finish_content", id, whole);
  }

  async keepChecksum(id: string, checksum: string): Promise<void> {
    await this.change(`Keeping the checksum of disk ${id}`, "keep_checksum", id, checksum);
  }

  async share(
    fromId: string,
    id: string,
    { virtualBytes = 0, sizeBytes }: { virtualBytes?: number; sizeBytes?: number } = {},
  ): Promise<WholeContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    const args = [fromId, id, virtualBytes, sizeBytes ?? null];
    return asWhole(await this.makeWhole<ShownWhole>(doing, id, "share_content", args));
  }

  async shareMadeOf(id: string, madeOf: string, virtualBytes: number): Promise<WholeContent | undefined> {
    const args = [id, madeOf, virtualBytes];
    const shared = await this.makeWhole<ShownWhole | null>(`Making disk ${id}`, id, "share_made_of", args);
    return shared ? asWhole(shared) : undefined;
  }

  async remove(id: string): Promise<UnnamedObject | undefined> {
    return (
      (await this.change<UnnamedObject | null>(`Removing disk ${id}`, "remove_content", id)) ?? undefined
    );
  }

  async forget(id: string): Promise<void> {
    await this.change(`Forgetting disk ${id}`, "forget_contents", [id]);
  }

  private async ask<T>(text: string): Promise<T> {
    const [row] = await this.database.query<{ answer: T }>(text);
    return row!.answer;
  }

  /** In a transaction: done twice, it would be refused. */
  private async makeWhole<T>(doing: string, id: string, name: string, args: readonly unknown[]): Promise<T> {
    const making = this.database.transaction((session) => {
      session.proof = standingWhole(id);
      return session.call<T>(name, ...args);
    });
    return making.catch((error: unknown) => fail(doing, error));
  }

  /** One statement of its own, which leaves the same where it is done twice. */
  private async change<T>(doing: string, name: string, ...args: readonly unknown[]): Promise<T> {
    return this.database.call<T>(name, ...args).catch((error: unknown) => fail(doing, error));
  }
}

function fail(doing: string, error: unknown): never {
  if (!isRefusal(error)) throw error;
  throw new Fault(doing, { says: `the region's database refuses it: ${error.message}`, cause: error });
}

function asEntry(entry: ShownEntry): ContentEntry {
  const { id, region, account, state } = entry;
  const named = { id, region, account };
  if (state === "named") return { ...named, state };
  return state === "writing"
    ? { ...named, state, ...withKey(entry) }
    : { ...named, state, ...asWhole(entry) };
}

function asWhole({ virtualBytes, sizeBytes, object, checksum }: ShownWhole): WholeContent {
  return {
    virtualBytes,
    sizeBytes,
    ...(object && { object: { ...withKey(object), storedBytes: object.storedBytes, digest: object.digest } }),
    ...(checksum !== undefined && { checksum }),
  };
}

/** A data key that is withheld names its master key all the same: whoever would open it is told what ails that. */
function withKey({ objectId, wrappedKey, wrappedBy, locked }: Shown<ObjectDraft>): ObjectDraft {
  return { objectId, locked, wrappedKey: wrappedKey ?? `${wrappedBy}.${WITHHELD}` };
}

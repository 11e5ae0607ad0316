import { isSameOwner, type KeyOwner } from "../../keys/key-service";
import { Fault } from "../../violation";
import type { WholeEntry } from "./content-entries";
import type {
  Begun,
  ContentEntry,
  ContentIndex,
  DiscardedContent,
  ObjectDraft,
  UnnamedObject,
  WholeContent,
} from "./content-index";

const DAY = 24 * 60 * 60 * 1000;

/** Entries that live as long as the process, for contents that no catalogue names. */
export class MemoryContentIndex implements ContentIndex {
  private readonly entries = new Map<string, ContentEntry>();
  private readonly removed = new Map<string, ContentEntry>();
  /** By object. */
  private readonly madeOf = new Map<string, string>();
  /** When contents that were to be made of something were taken out, by object. */
  private readonly cutOffAt = new Map<string, number>();

  /** `ownerOf`: whose a content is. `now`: milliseconds on a clock. */
  constructor(
    private readonly ownerOf: (id: string) => KeyOwner,
    private readonly now = () => performance.now(),
  ) {}

  async find(id: string): Promise<ContentEntry | undefined> {
    return this.entries.get(id) ?? { id, ...this.ownerOf(id), state: "named" };
  }

  async list(): Promise<readonly ContentEntry[]> {
    const kept = [...this.removed.values()].filter((entry) => this.isKept(entry));
    return [...this.entries.values(), ...kept];
  }

  async discarded(): Promise<readonly DiscardedContent[]> {
    return [...this.removed.values()]
      .filter((entry) => !this.isKept(entry))
      .map((entry) => ({
        ...{ id: entry.id, region: entry.region, account: entry.account },
        objectId: objectOf(entry),
      }));
  }

  async begin(
    id: string,
    { objectId, wrappedKey, locked, madeOf }: ObjectDraft & { madeOf?: string },
  ): Promise<Begun> {
    const entry = this.entries.get(id);
    if (entry?.state === "writing") return entry;
    if (entry) throw standsAlready(`Beginning disk ${id}`, id);
    const owner = this.ownerOf(id);
    const cutOff = [...this.removed.values()].find(
      (other) =>
        this.isKept(other) && this.madeOf.get(objectOf(other)!) === madeOf && isSameOwner(other, owner),
    );
    if (cutOff?.state === "writing") {
      this.removed.delete(cutOff.id);
      this.cutOffAt.delete(cutOff.objectId);
      this.entries.set(id, { ...cutOff, id });
      return { ...draftOf(cutOff), isTakenOver: true };
    }
    const draft = { objectId, wrappedKey, locked };
    if (madeOf !== undefined) this.madeOf.set(objectId, madeOf);
    this.entries.set(id, { id, ...owner, state: "writing", ...draft });
    return draft;
  }

  async finish(id: string, content: WholeContent): Promise<void> {
    const doing = `Finishing disk ${id}`;
    const entry = this.entries.get(id);
    if (entry?.state === "whole") {
      const isSame =
        entry.virtualBytes === content.virtualBytes && entry.object?.digest === content.object?.digest;
      if (!isSame) throw standsAlready(doing, id);
      return;
    }
    const begun = entry?.state === "writing" ? entry.objectId : undefined;
    if (begun !== content.object?.objectId) {
      throw new Fault(doing, { says: "it was begun with another object" });
    }
    this.entries.set(id, { id, ...this.ownerOf(id), state: "whole", ...content });
  }

  async keepChecksum(id: string, checksum: string): Promise<void> {
    const entry = this.entries.get(id);
    if (entry?.state !== "whole" || entry.checksum !== undefined || entry.object?.locked) return;
    this.entries.set(id, { ...entry, checksum });
  }

  async share(
    fromId: string,
    id: string,
    options: { virtualBytes?: number; sizeBytes?: number } = {},
  ): Promise<WholeContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    const from = this.entries.get(fromId);
    if (from?.state !== "whole") throw new Fault(doing, { says: `there is no disk ${fromId}` });
    if (this.entries.has(id)) throw standsAlready(doing, id);
    const owner = this.ownerOf(id);
    if (!isSameOwner(from, owner)) {
      throw new Fault(doing, { says: "they belong to different accounts" });
    }
    const content = grown(from, options);
    this.entries.set(id, { id, ...owner, state: "whole", ...content });
    return content;
  }

  async shareMadeOf(id: string, madeOf: string, virtualBytes: number): Promise<WholeContent | undefined> {
    const isSource = (other: ContentEntry): other is WholeEntry =>
      other.state === "whole" &&
      other.object !== undefined &&
      !other.object.locked &&
      this.madeOf.get(other.object.objectId) === madeOf &&
      other.virtualBytes <= virtualBytes &&
      isSameOwner(other, this.ownerOf(id));
    const from = [...this.entries.values()].find(isSource);
    return from && this.share(from.id, id, { virtualBytes, sizeBytes: from.object!.storedBytes });
  }

  async remove(id: string): Promise<UnnamedObject | undefined> {
    const entry = this.entries.get(id) ?? this.removed.get(id);
    if (!entry) return undefined;
    this.entries.delete(id);
    this.removed.set(id, entry);
    const objectId = objectOf(entry);
    if (entry.state === "named" || objectId === undefined) return undefined;
    if (entry.state === "writing" && this.madeOf.has(objectId) && !this.cutOffAt.has(objectId))
      this.cutOffAt.set(objectId, this.now());
    if (this.isKept(entry)) return undefined;
    if ([...this.entries.values()].some((other) => objectOf(other) === objectId)) return undefined;
    const { region, account, state } = entry;
    return { region, account, objectId, state };
  }

  async forget(id: string): Promise<void> {
    const entry = this.removed.get(id);
    if (entry && !this.isKept(entry)) this.removed.delete(id);
  }

  private isKept(entry: ContentEntry): boolean {
    const cutOffAt = entry.state === "writing" ? this.cutOffAt.get(entry.objectId) : undefined;
    return cutOffAt !== undefined && this.now() - cutOffAt < DAY;
  }
}

function grown(
  { virtualBytes, object, checksum, sizeBytes: own }: WholeEntry,
  { virtualBytes: atLeast = 0, sizeBytes = own }: { virtualBytes?: number; sizeBytes?: number },
): WholeContent {
  return atLeast > virtualBytes
    ? { virtualBytes: atLeast, sizeBytes, object }
    : { virtualBytes, sizeBytes, object, checksum };
}

function draftOf({ objectId, wrappedKey, locked }: ObjectDraft): ObjectDraft {
  return { objectId, wrappedKey, locked };
}

function objectOf(entry: ContentEntry): string | undefined {
  if (entry.state === "writing") return entry.objectId;
  return entry.state === "whole" ? entry.object?.objectId : undefined;
}

function standsAlready(doing: string, id: string): Fault {
  return new Fault(doing, { says: `there is a disk ${id} already` });
}

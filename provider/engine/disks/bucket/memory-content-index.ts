import type { KeyOwner } from "../../keys/key-service";
import { Fault } from "../../violation";
import type { ContentEntry, ContentIndex, ObjectDraft, UnnamedObject, WholeContent } from "./content-index";

type Whole = Extract<ContentEntry, { state: "whole" }>;

/** Entries that live as long as the process, for contents that no catalogue names. */
export class MemoryContentIndex implements ContentIndex {
  private readonly entries = new Map<string, ContentEntry>();
  private readonly removed = new Map<string, ContentEntry>();

  /** `ownerOf`: whose a content is. */
  constructor(private readonly ownerOf: (id: string) => KeyOwner) {}

  async find(id: string): Promise<ContentEntry | undefined> {
    return this.entries.get(id) ?? { id, ...this.ownerOf(id), state: "named" };
  }

  async list(): Promise<readonly ContentEntry[]> {
    return [...this.entries.values()];
  }

  async begin(id: string, { objectId, wrappedKey, locked }: ObjectDraft): Promise<ObjectDraft> {
    const entry = this.entries.get(id);
    if (entry?.state === "writing") return entry;
    if (entry) throw standsAlready(`Beginning disk ${id}`, id);
    const draft = { objectId, wrappedKey, locked };
    this.entries.set(id, { id, ...this.ownerOf(id), state: "writing", ...draft });
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
    if (owner.account !== from.account || owner.region !== from.region) {
      throw new Fault(doing, { says: "they belong to different accounts" });
    }
    const content = grown(from, options);
    this.entries.set(id, { id, ...owner, state: "whole", ...content });
    return content;
  }

  async remove(id: string): Promise<UnnamedObject | undefined> {
    const entry = this.entries.get(id) ?? this.removed.get(id);
    if (!entry) return undefined;
    this.entries.delete(id);
    this.removed.set(id, entry);
    const objectId = objectOf(entry);
    if (entry.state === "named" || objectId === undefined) return undefined;
    if ([...this.entries.values()].some((other) => objectOf(other) === objectId)) return undefined;
    const { region, account, state } = entry;
    return { region, account, objectId, state };
  }

  async forget(id: string): Promise<void> {
    this.removed.delete(id);
  }
}

function grown(
  { virtualBytes, object, checksum, sizeBytes: own }: Whole,
  { virtualBytes: atLeast = 0, sizeBytes = own }: { virtualBytes?: number; sizeBytes?: number },
): WholeContent {
  return atLeast > virtualBytes
    ? { virtualBytes: atLeast, sizeBytes, object }
    : { virtualBytes, sizeBytes, object, checksum };
}

function objectOf(entry: ContentEntry): string | undefined {
  if (entry.state === "writing") return entry.objectId;
  return entry.state === "whole" ? entry.object?.objectId : undefined;
}

function standsAlready(doing: string, id: string): Fault {
  return new Fault(doing, { says: `there is a disk ${id} already` });
}

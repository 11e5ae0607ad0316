import type { KeyOwner } from "../../keys/key-service";

/** What a sealed object begins with, before a byte of it is sent. */
export interface ObjectDraft {
  /** 32 hexadecimal digits, random: what the object is called in the bucket behind its owner, and says of itself inside. */
  objectId: string;
  /** Its data key, wrapped by the owner's sealing key. Whoever may see the entry may have it unwrapped. */
  wrappedKey: string;
  /** Opens only with the data key of its record too: the content of something encrypted. */
  locked: boolean;
}

/** What an entry's object has begun with. */
export interface Begun extends ObjectDraft {
  /** Another content began it, and was taken out. */
  isTakenOver?: boolean;
}

/** A sealed object that stands in the bucket, whole. */
export interface SealedObject extends ObjectDraft {
  /** Bytes of the object. */
  storedBytes: number;
  /** SHA-256 of its sealed index, hexadecimal: no other object, and no older one, passes for it. */
  digest: string;
}

export interface WholeContent {
  virtualBytes: number;
  /** What it is counted for: its object's bytes; 0 where it is blank, or reads as what is counted with another content. */
  sizeBytes: number;
  /** What it reads as, followed by zeros up to `virtualBytes`; absent where it is nothing but zeros. */
  object?: SealedObject;
  /** `sha256:<hex>` of the whole virtual content, where it was ever taken; never of a locked one. */
  checksum?: string;
}

/**
 * `named`: a record names it, and nothing of it is there. `writing`: its object is being sent, or was until its writer
 * died. `whole`: it stands, and never changes again.
 */
export type ContentEntry = KeyOwner & { id: string } & (
    { state: "named" } | ({ state: "writing" } & ObjectDraft) | ({ state: "whole" } & WholeContent)
  );

/** An object that no content reads from any more. `state`: that of its last content; `writing` may be in part there. */
export interface UnnamedObject extends KeyOwner {
  objectId: string;
  state: "writing" | "whole";
}

/** A content that was taken out, or that no record names any more, and that wasn't forgotten yet. */
export interface DiscardedContent extends KeyOwner {
  id: string;
  /** What it read from; other contents may still. */
  objectId?: string;
}

/**
 * Port: which contents there are, whose they are, and which object of the bucket each one reads from. Several contents
 * of one owner may read from the same object. The catalogue's records come first: they say whose a content is. Only
 * its owner changes an entry; who may see a record that names it may see the entry. Every failure is a Fault.
 */
export interface ContentIndex {
  /** The catalogue's transactions write in it too: a content may become whole together with the record that names it. */
  readonly isCatalogs?: boolean;
  /** Undefined where nothing names it, it is removed, or the asker may not see it. */
  find(id: string): Promise<ContentEntry | undefined>;
  /** All entries that the asker may see. */
  list(): Promise<readonly ContentEntry[]>;
  /** The asker's own that are for `remove` and `forget`; none that is kept for another content. */
  discarded(): Promise<readonly DiscardedContent[]>;
  /**
   * From `named` to `writing`. An entry that is `writing` keeps what it began with, and returns that: the next attempt
   * carries on the one that was cut off. Refused where it is whole. `madeOf`: 64 hexadecimal digits that stand for what
   * it is sealed from; where another content of the owner was begun with the same and was taken out before it was
   * whole, it takes over what that began.
   */
  begin(id: string, draft: ObjectDraft & { madeOf?: string }): Promise<Begun>;
  /**
   * To `whole`, from `named` (without an object) or from `writing` with the object that it began. Does nothing where it
   * is whole with the very same; refused where it is whole with anything else.
   */
  finish(id: string, content: WholeContent): Promise<void>;
  /**
   * Adds the checksum, `sha256:<hex>`, to a whole content of the asker's that has none and isn't locked; does nothing
   * to any other.
   */
  keepChecksum(id: string, checksum: string): Promise<void>;
  /**
   * From `named` to `whole` with the object of a whole content of the same owner, grown to `virtualBytes` where that is
   * more; its checksum goes along where it isn't grown. `sizeBytes`: default the other's. Returns the new content.
   */
  share(
    fromId: string,
    id: string,
    options?: { virtualBytes?: number; sizeBytes?: number },
  ): Promise<WholeContent>;
  /**
   * From `named` to `whole`, of so many bytes, with an object of the same owner that was begun with `madeOf` and isn't
   * locked. Undefined, and nothing is done, where there is none.
   */
  shareMadeOf(id: string, madeOf: string, virtualBytes: number): Promise<WholeContent | undefined>;
  /**
   * Takes an entry out: it is neither found nor listed nor shared any more. Returns the object that nothing else reads
   * from now, for the caller to remove from the bucket; asked again before `forget`, it answers the same. Undefined
   * where there is none, or the entry isn't there. What was begun with `madeOf`, and isn't whole, is kept for a day for
   * another content: until then it is listed still, nothing is returned here, and `forget` does nothing.
   */
  remove(id: string): Promise<UnnamedObject | undefined>;
  /** The object of an entry taken out is gone, and with it the last of the entry. Does nothing where it isn't there. */
  forget(id: string): Promise<void>;
}

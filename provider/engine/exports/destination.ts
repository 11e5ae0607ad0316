import type { Watch } from "../disks/disk-store";

/** An object's bytes: how many, and `sha256:<hex>` of them. */
export interface ObjectFacts {
  sizeBytes: number;
  checksum: string;
}

export interface StoredObject {
  sizeBytes: number;
  /** Absent where it would have to be read as a whole to know it, and its size tells already that it is another. */
  checksum?: string;
}

/**
 * Port: where exported images go. Objects have names that tell no folders apart but for a prefix, and never change
 * once they are there. Every failure is a Fault that says what was being done and where.
 */
export interface Destination {
  /** "the folder /exports", "the bucket b at https://…": for messages. */
  readonly described: string;
  /** Fails where it is plain that nothing can be put under the name: what is to be put takes long to make. */
  probe(name: string, watch?: Watch): Promise<void>;
  /** What stands under the name; undefined where nothing does. `sizeBytes`: of what is looked for. */
  stat(name: string, sizeBytes?: number): Promise<StoredObject | undefined>;
  /**
   * Puts a local file, whole and durable or not at all. What runs that were cut off left of it is gone on with, where
   * the destination can, or cleared away. Nothing is ever overwritten: `present`: the very same bytes were there;
   * `taken`: something else is.
   */
  put(
    file: { path: string } & ObjectFacts,
    name: string,
    watch?: Watch,
  ): Promise<"written" | "present" | "taken">;
  /** Removes the object only while it has these bytes. */
  remove(name: string, facts: ObjectFacts): Promise<"removed" | "gone" | "changed">;
  close(): Promise<void>;
}

export function isSame(found: StoredObject, facts: ObjectFacts): boolean {
  return found.sizeBytes === facts.sizeBytes && found.checksum === facts.checksum;
}

/** What `put` has to say of what stands under the name; undefined where nothing does. */
export function judged(found: StoredObject | undefined, facts: ObjectFacts): "present" | "taken" | undefined {
  return found && (isSame(found, facts) ? "present" : "taken");
}

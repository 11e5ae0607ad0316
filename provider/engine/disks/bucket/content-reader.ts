import { open, unlink } from "node:fs/promises";
import { blankChecksum } from "../blank-checksum";
import type { DataKey, Watch } from "../disk-store";
import { wrongKey } from "../faults";
import type { Attempt } from "./attempt";
import type { ChunkSource } from "./chunks";
import type { WholeEntry } from "./content-entries";
import type { ContentIndex } from "./content-index";
import type { ContentObjects } from "./content-objects";
import { downloadDisk, hashDisk } from "./disk-download";
import { WrongKey } from "./sealed/sealed-flaws";

/** Reads contents that stand. */
export class ContentReader {
  constructor(
    private readonly index: ContentIndex,
    private readonly objects: ContentObjects,
  ) {}

  /** Undefined where it is nothing but zeros. `fromKey`: of a locked one. */
  async open(
    { doing, bucket }: Attempt,
    { id, object, region, account }: WholeEntry,
    fromKey?: DataKey,
  ): Promise<ChunkSource | undefined> {
    if (!object) return undefined;
    try {
      return await this.objects.open(bucket, { region, account }, object, fromKey);
    } catch (error) {
      throw error instanceof WrongKey && object.locked ? wrongKey(doing, id) : error;
    }
  }

  /**
   * `sha256:<hex>` of a content grown to `virtualBytes`. What was taken before is told again, and what is taken is kept,
   * unless it is to be read `anew`.
   */
  async checksum(
    attempt: Attempt,
    content: WholeEntry,
    virtualBytes: number,
    { progress, signal, fromKey, anew = false }: Watch & { fromKey?: DataKey; anew?: boolean },
  ): Promise<string> {
    const isKept = virtualBytes === content.virtualBytes && !anew;
    if (isKept && content.checksum !== undefined) {
      progress?.(virtualBytes, virtualBytes);
      return content.checksum;
    }
    const disk = await this.open(attempt, content, fromKey);
    const checksum = disk
      ? await hashDisk(disk, virtualBytes, { done: (bytes) => progress?.(bytes, virtualBytes), signal })
      : await blankChecksum(virtualBytes, signal);
    if (isKept) await this.index.keepChecksum(content.id, checksum);
    progress?.(virtualBytes, virtualBytes);
    return checksum;
  }

  /** Writes a content to a new sparse raw file. `done`: bytes from the beginning. */
  async fetch(
    attempt: Attempt,
    content: WholeEntry,
    path: string,
    done: (bytes: number) => void,
  ): Promise<void> {
    const target = await open(path, "wx");
    try {
      await target.truncate(content.virtualBytes);
      const disk = await this.open(attempt, content);
      if (disk) await downloadDisk(disk, target, done);
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await target.close();
    }
  }
}

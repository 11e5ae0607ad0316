import { tmpdir } from "node:os";
import { killPoint } from "../../kill-points";
import { blankChecksum } from "../blank-checksum";
import { inTurn } from "../converted-disk";
import { piecesOf, withLayers, type DiskSource } from "../disk-source";
import type { CopyOptions, DiskContent } from "../disk-store";
import type { Attempt } from "./attempt";
import type { ChunkSource } from "./chunks";
import { described } from "./content-entries";
import type { ContentEntry, ContentIndex, SealedObject, WholeContent } from "./content-index";
import type { ContentObjects } from "./content-objects";
import { DiskHash } from "./disk-hash";
import { fileChunks } from "./file-chunks";

/** What a content is made from. */
export interface Source {
  virtualBytes: number;
  /** The disk, which may be shorter; absent where there is nothing but zeros. */
  disk?: ChunkSource;
  /** What it is read from, as `originOf` has it. */
  madeOf?: string;
}

/** Sees to it that what a work reads stays as it is. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes contents of what is read: the object first, and then the entry that tells of it. */
export class ContentWriter {
  constructor(
    private readonly index: ContentIndex,
    private readonly objects: ContentObjects,
  ) {}

  async write(
    attempt: Attempt,
    entry: ContentEntry,
    source: Source,
    options: CopyOptions,
    guard: Guard = (work) => work(),
  ): Promise<DiskContent> {
    const { key, checksum: wantsChecksum, progress, signal } = options;
    const virtualBytes = Math.max(source.virtualBytes, options.virtualBytes ?? 0);
    const report = inTurn(progress, virtualBytes, 1);
    let sent: SealedObject | undefined;
    const making = guard(async (): Promise<WholeContent> => {
      const isPlain = key === undefined;
      if (!source.disk && isPlain) {
        const checksum = wantsChecksum ? await blankChecksum(virtualBytes, signal) : undefined;
        return { virtualBytes, sizeBytes: 0, checksum };
      }
      const disk = source.disk ?? { virtualBytes: source.virtualBytes, dataBytes: 0, batches: () => [] };
      const hash = wantsChecksum && isPlain ? new DiskHash(signal) : undefined;
      const object = await this.objects.send(attempt, entry, disk, {
        key,
        madeOf: source.madeOf,
        see: hash && ((chunk) => hash.add(chunk)),
        sent: (upTo) => report(0, (upTo * 0.99) / virtualBytes),
      });
      sent = object;
      const { storedBytes: sizeBytes } = object;
      return { virtualBytes, sizeBytes, object, checksum: await hash?.end(virtualBytes) };
    });
    const content = await making.catch(async (error: unknown) => {
      const written = sent && { ...entry, ...sent, state: "whole" as const };
      if (written) await this.objects.remove(attempt.bucket, written).catch(() => undefined);
      throw error;
    });
    await this.index.finish(entry.id, content);
    killPoint("content-named");
    report(0, 1);
    const { object, checksum } = content;
    const told = wantsChecksum && object?.locked ? `sha256:${object.digest}` : checksum;
    return { ...described(content), checksum: told };
  }

  /** From a raw file of this machine. */
  writeFile(
    attempt: Attempt,
    entry: ContentEntry,
    { raw, madeOf }: { raw: DiskSource; madeOf: string },
    options: CopyOptions,
    guard?: Guard,
  ): Promise<DiskContent> {
    return withLayers(raw.layers!, async (files) => {
      const disk = fileChunks(await piecesOf(tmpdir(), raw, files), raw.bytes);
      return this.write(attempt, entry, { virtualBytes: raw.bytes, disk, madeOf }, options, guard);
    });
  }
}

import { rawSource } from "../disk-source";
import type { CopyOptions, DiskContent, Watch } from "../disk-store";
import { registeredBytes, type ExternalContents } from "../external-contents";
import { isSealedFault, noKey } from "../faults";
import type { Attempt } from "./attempt";
import { described, isSameOwner, requireFree, requireWhole, type WholeEntry } from "./content-entries";
import type { ContentEntry, ContentIndex } from "./content-index";
import type { ContentReader } from "./content-reader";
import type { ContentWriter } from "./content-writer";

/** Makes contents of other ones: within an account they name the same object, between accounts it is sealed anew. */
export class ContentCopies {
  constructor(
    private readonly index: ContentIndex,
    private readonly reader: ContentReader,
    private readonly writer: ContentWriter,
    private readonly external: ExternalContents,
  ) {}

  async copy(attempt: Attempt, fromId: string, id: string, options: CopyOptions): Promise<DiskContent> {
    const { doing } = attempt;
    const external = this.external(fromId);
    if (external) return this.copyExternal(attempt, external, id, options);
    const from = await requireWhole(this.index, doing, fromId);
    const isLocked = from.object?.locked ?? false;
    if (isLocked && !options.fromKey) throw noKey(doing, fromId);
    const entry = await requireFree(this.index, doing, id);
    const isSame = !isLocked && options.key === undefined && isSameOwner(from, entry);
    return isSame
      ? this.nameAgain(attempt, from, entry, options)
      : this.sealAnew(attempt, from, entry, options);
  }

  async share(attempt: Attempt, fromId: string, id: string, watch: Watch): Promise<DiskContent> {
    if (this.external(fromId)) return this.copy(attempt, fromId, id, watch);
    const from = await requireWhole(this.index, attempt.doing, fromId);
    const entry = await requireFree(this.index, attempt.doing, id);
    if (!isSameOwner(from, entry)) return this.copy(attempt, fromId, id, watch);
    return described(await this.index.share(fromId, id));
  }

  /** It stands by itself: what it is based on may go. */
  async overlay(
    attempt: Attempt,
    baseId: string,
    id: string,
    { virtualBytes, ...watch }: { virtualBytes?: number } & Watch,
  ): Promise<DiskContent> {
    const base = await requireWhole(this.index, attempt.doing, baseId);
    if (base.object?.locked) throw isSealedFault(attempt.doing, baseId);
    const entry = await requireFree(this.index, attempt.doing, id);
    if (!isSameOwner(base, entry)) return this.copy(attempt, baseId, id, { virtualBytes, ...watch });
    return described(await this.index.share(baseId, id, { virtualBytes, sizeBytes: 0 }));
  }

  private async copyExternal(
    attempt: Attempt,
    { path, virtualBytes }: { path?: string; virtualBytes: number },
    id: string,
    options: CopyOptions,
  ): Promise<DiskContent> {
    const entry = await requireFree(this.index, attempt.doing, id);
    if (path === undefined) return this.writer.write(attempt, entry, { virtualBytes }, options);
    const bytes = await registeredBytes(attempt.doing, path);
    return this.writer.writeFile(
      attempt,
      entry,
      { raw: rawSource(bytes, path), madeOf: `file ${path}` },
      options,
    );
  }

  /** A further content of the same object. */
  private async nameAgain(
    attempt: Attempt,
    from: WholeEntry,
    { id }: ContentEntry,
    { virtualBytes = 0, checksum: wantsChecksum, progress, signal }: CopyOptions,
  ): Promise<DiskContent> {
    const grown = Math.max(from.virtualBytes, virtualBytes);
    const watch = { progress, signal };
    const checksum = wantsChecksum ? await this.reader.checksum(attempt, from, grown, watch) : undefined;
    const sizeBytes = from.object?.storedBytes ?? 0;
    const content = await this.index.share(from.id, id, { virtualBytes, sizeBytes });
    progress?.(grown, grown);
    return { ...described(content), checksum };
  }

  private async sealAnew(
    attempt: Attempt,
    from: WholeEntry,
    entry: ContentEntry,
    options: CopyOptions,
  ): Promise<DiskContent> {
    const disk = await this.reader.open(attempt, from, options.fromKey);
    const source = { virtualBytes: from.virtualBytes, disk, madeOf: `object ${from.object?.objectId}` };
    return this.writer.write(attempt, entry, source, options);
  }
}

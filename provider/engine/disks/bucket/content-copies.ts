import { knownBlankChecksum } from "../blank-checksum";
import { rawSource } from "../disk-source";
import type { ContentRequest, CopyOptions, DiskContent, ForeseenContent, Watch } from "../disk-store";
import { registeredBytes, type ExternalContents } from "../external-contents";
import { isSealedFault, noKey } from "../faults";
import { isSameOwner } from "../../keys/key-service";
import type { Attempt } from "./attempt";
import { described, requireFree, requireWhole, type WholeEntry } from "./content-entries";
import type { ContentEntry, ContentIndex } from "./content-index";
import type { ContentReader } from "./content-reader";
import type { ContentWriter } from "./content-writer";
import { originOf } from "./origin";

/** Makes contents of other ones: within an account they name the same object, between accounts it is sealed anew. */
export class ContentCopies {
  /** Contents as they were found when last looked at. */
  private readonly seen = new Map<string, WholeEntry>();

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
    const from = await this.require(doing, fromId);
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
    const from = await this.require(attempt.doing, fromId);
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
    const base = await this.require(attempt.doing, baseId);
    if (base.object?.locked) throw isSealedFault(attempt.doing, baseId);
    const entry = await requireFree(this.index, attempt.doing, id);
    if (!isSameOwner(base, entry)) return this.copy(attempt, baseId, id, { virtualBytes, ...watch });
    return described(await this.index.share(baseId, id, { virtualBytes, sizeBytes: 0 }));
  }

  /** As `DiskStore` has it. What was found once is told again: whoever writes it down sees whether it still holds. */
  async foresee(request: ContentRequest): Promise<ForeseenContent | undefined> {
    const { id, owner, from: fromId, virtualBytes = 0, overlay, checksum: wantsChecksum } = request;
    const external = fromId === undefined ? undefined : this.external(fromId);
    if (external?.path !== undefined) return undefined;
    const isZeros = fromId === undefined || external !== undefined;
    const from = isZeros ? undefined : (this.seen.get(fromId) ?? (await this.look(fromId)));
    if (!isZeros && (!from || from.object?.locked || !isSameOwner(from, owner))) return undefined;
    const stands = from?.virtualBytes ?? external?.virtualBytes ?? 0;
    const grown = Math.max(stands, virtualBytes);
    const known = from && grown === stands ? from.checksum : undefined;
    const checksum = known ?? (from?.object ? undefined : knownBlankChecksum(grown));
    if (wantsChecksum && checksum === undefined) return undefined;
    return {
      id,
      virtualBytes: grown,
      sizeBytes: overlay ? 0 : (from?.object?.storedBytes ?? 0),
      ...(checksum !== undefined && { checksum }),
      ...(from && { from: from.id, objectId: from.object?.objectId ?? null }),
    };
  }

  private async require(doing: string, id: string): Promise<WholeEntry> {
    const entry = await requireWhole(this.index, doing, id);
    this.seen.set(id, entry);
    return entry;
  }

  private async look(id: string): Promise<WholeEntry | undefined> {
    const entry = await this.index.find(id);
    if (entry?.state !== "whole") return undefined;
    this.seen.set(id, entry);
    return entry;
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
      { raw: rawSource(bytes, path), madeOf: originOf("file", path) },
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

  /** Once an account has sealed an object, its further copies of it name the same. */
  private async sealAnew(
    attempt: Attempt,
    from: WholeEntry,
    entry: ContentEntry,
    options: CopyOptions,
  ): Promise<DiskContent> {
    const madeOf = from.object && originOf("object", from.object.objectId);
    if (madeOf && entry.state === "named" && !options.key && !options.checksum) {
      const virtualBytes = Math.max(from.virtualBytes, options.virtualBytes ?? 0);
      const shared = await this.index.shareMadeOf(entry.id, madeOf, virtualBytes);
      if (shared) {
        options.progress?.(virtualBytes, virtualBytes);
        return described(shared);
      }
    }
    const disk = await this.reader.open(attempt, from, options.fromKey);
    const source = { virtualBytes: from.virtualBytes, disk, madeOf };
    return this.writer.write(attempt, entry, source, options);
  }
}

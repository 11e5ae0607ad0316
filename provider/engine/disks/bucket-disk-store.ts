import { mkdir, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import type { KeyOwner, KeyService } from "../keys/key-service";
import { killPoint } from "../kill-points";
import { s3Fault } from "../s3/s3-faults";
import { Fault } from "../violation";
import { blankChecksum } from "./blank-checksum";
import { Bucket, BucketError } from "./bucket/bucket";
import type { ChunkSource } from "./bucket/chunks";
import type { ContentEntry, ContentIndex, SealedObject, WholeContent } from "./bucket/content-index";
import { ContentObjects, type Stray } from "./bucket/content-objects";
import { downloadDisk, hashDisk } from "./bucket/disk-download";
import { DiskHash } from "./bucket/disk-hash";
import { fileChunks } from "./bucket/file-chunks";
import { SealedFlaw, WrongKey } from "./bucket/sealed-flaws";
import { inTurn, writeConverted } from "./converted-disk";
import { exportDisk } from "./disk-export";
import { piecesOf, withLayers, type DiskSource } from "./disk-source";
import type {
  CopyOptions,
  DataKey,
  DiskContent,
  DiskStore,
  ExportFile,
  ForeignFile,
  Watch,
} from "./disk-store";
import {
  NO_EXTERNAL_CONTENTS,
  registeredBytes,
  requireContentId,
  type ExternalContents,
} from "./external-contents";
import { diskFault, isSealedFault, noKey, wrongKey } from "./faults";
import { inspectForeignFile, openForeignFile, whileUnchanged } from "./foreign/inspect";
import { QEMU_FORMAT } from "./qemu-img";
import { removeLeftovers, temporaryPath } from "./temporary-file";

export interface BucketOptions {
  bucket: string;
  /** "" or "a/b": what the keys of all objects begin with. */
  prefix: string;
  /** Where disks stand while they are converted from and to formats of outside; default: the system's folder for temporary files. */
  workFolder?: string;
  external?: ExternalContents;
  /** Whose prefixes `strays` looks through: the accounts all of whose contents the index shows. */
  owners?: readonly KeyOwner[];
  /** How long a request that fails is made again, ms. */
  retryMs?: number;
}

const RETRY_MS = 30_000;

type Whole = Extract<ContentEntry, { state: "whole" }>;

/** What a content is made from. */
interface Source {
  virtualBytes: number;
  /** The disk, which may be shorter; absent where there is nothing but zeros. */
  disk?: ChunkSource;
}

/**
 * Contents as sealed objects in an S3 bucket (decisions/0018). Objects never change: what reads the same within an
 * account is one object, and a copy of it costs nothing.
 */
export class BucketDiskStore implements DiskStore {
  private readonly bucket: Bucket;
  private readonly objects: ContentObjects;
  private readonly external: ExternalContents;
  private readonly workFolder: string;

  constructor(
    private readonly index: ContentIndex,
    keys: KeyService,
    private readonly options: BucketOptions,
  ) {
    const { bucket, prefix, retryMs = RETRY_MS } = options;
    this.bucket = new Bucket(bucket, { retryMs });
    this.objects = new ContentObjects(index, keys, prefix);
    this.external = options.external ?? NO_EXTERNAL_CONTENTS;
    this.workFolder = options.workFolder ?? tmpdir();
  }

  createBlank(id: string, virtualBytes: number, { key }: { key?: DataKey } = {}): Promise<DiskContent> {
    const doing = `Making blank disk ${id}`;
    return this.attempt(doing, async (bucket) => {
      const entry = await this.free(doing, id);
      return this.write(bucket, doing, entry, { virtualBytes }, { key });
    });
  }

  copy(fromId: string, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Copying disk ${fromId} to ${id}`;
    return this.attempt(
      doing,
      async (bucket) => {
        const external = this.external(fromId);
        if (external) return this.copyExternal(bucket, doing, id, external, options);
        const from = await this.require(doing, fromId);
        if (from.object?.locked && !options.fromKey) throw noKey(doing, fromId);
        const entry = await this.free(doing, id);
        if (this.isShareable(from, entry) && !options.key) return this.shared(bucket, from, entry, options);
        const disk = await this.openDisk(bucket, doing, from, options.fromKey);
        return this.write(bucket, doing, entry, { virtualBytes: from.virtualBytes, disk }, options);
      },
      options,
    );
  }

  async share(fromId: string, id: string, watch: Watch = {}): Promise<DiskContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    requireContentId(doing, id);
    if (this.external(fromId)) return this.copy(fromId, id, watch);
    const made = await this.attempt(doing, async () => {
      const from = await this.require(doing, fromId);
      const entry = await this.free(doing, id);
      if (!isSameOwner(from, entry)) return undefined;
      return described(await this.index.share(fromId, id));
    });
    return made ?? this.copy(fromId, id, watch);
  }

  /** It stands by itself: what it is based on may go. */
  async overlay(
    baseId: string,
    id: string,
    { virtualBytes, ...watch }: { virtualBytes?: number } & Watch = {},
  ): Promise<DiskContent> {
    const doing = `Making disk ${id} on top of ${baseId}`;
    const made = await this.attempt(doing, async () => {
      const base = await this.require(doing, baseId);
      if (base.object?.locked) throw isSealedFault(doing, baseId);
      const entry = await this.free(doing, id);
      if (!isSameOwner(base, entry)) return undefined;
      return described(await this.index.share(baseId, id, { virtualBytes, sizeBytes: 0 }));
    });
    return made ?? this.copy(baseId, id, { virtualBytes, ...watch });
  }

  /** `fromKey`: data key of a sealed content, whose checksum no one keeps: all of it is read then. */
  checksum(id: string, options: Watch & { fromKey?: DataKey } = {}): Promise<string> {
    const doing = `Taking the checksum of disk ${id}`;
    return this.attempt(
      doing,
      async (bucket) => {
        const content = await this.require(doing, id);
        if (content.object?.locked && !options.fromKey) throw isSealedFault(doing, id);
        return this.checksumOf(bucket, content, content.virtualBytes, options);
      },
      options,
    );
  }

  async inspectFile(file: ForeignFile): Promise<{ virtualBytes: number }> {
    const { virtualBytes } = await inspectForeignFile(file);
    return { virtualBytes };
  }

  async importFile(file: ForeignFile, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Importing ${file.path} as disk ${id}`;
    const handle = await openForeignFile(file);
    try {
      return await this.attempt(
        doing,
        async (bucket) => {
          const { virtualBytes } = await inspectForeignFile(file, handle);
          const entry = await this.free(doing, id);
          const unchanged = <T>(work: () => Promise<T>) => whileUnchanged(file, handle, work);
          if (file.format === "raw") {
            const disk = { format: "raw", file: handle } as const;
            const raw = { bytes: virtualBytes, disk, layers: [handle] };
            return this.writeFile(bucket, doing, entry, raw, options, unchanged);
          }
          const foreign = { bytes: virtualBytes, disk: { format: QEMU_FORMAT[file.format], file: handle } };
          return this.inWorkFile(async (path) => {
            const report = inTurn(options.progress, Math.max(virtualBytes, options.virtualBytes ?? 0), 2);
            const converting = {
              progress: (done: number, total: number) => report(0, done / total),
              signal: options.signal,
            };
            await unchanged(() => writeConverted(dirname(path), basename(path), foreign, converting));
            const raw = { bytes: virtualBytes, disk: { format: "raw", file: path } as const, layers: [path] };
            const progress = (done: number, total: number) => report(1, done / total);
            return this.writeFile(bucket, doing, entry, raw, { ...options, progress });
          });
        },
        options,
      );
    } finally {
      await handle.close();
    }
  }

  exportFile(
    id: string,
    file: ExportFile,
    { progress, signal }: Watch = {},
  ): Promise<{ sizeBytes: number; checksum: string }> {
    const doing = `Exporting disk ${id} to ${file.path}`;
    const work = async (bucket: Bucket) => {
      const content = await this.require(doing, id);
      if (content.object?.locked) throw isSealedFault(doing, id);
      return this.inWorkFile(async (path) => {
        const { virtualBytes } = content;
        const report = inTurn(progress, virtualBytes, 2);
        await this.fetch(bucket, doing, content, path, (bytes) => report(0, bytes / virtualBytes));
        const source = { bytes: virtualBytes, disk: { format: "raw", file: path } as const, layers: [path] };
        const writing = (done: number, total: number) => report(1, done / total);
        return exportDisk(dirname(path), id, source, file, { progress: writing, signal });
      });
    };
    return this.attempt(doing, work, { signal }, dirname(file.path));
  }

  async stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined> {
    const external = this.external(id);
    if (external) return { virtualBytes: external.virtualBytes, sizeBytes: 0 };
    const doing = `Looking at disk ${id}`;
    requireContentId(doing, id);
    const entry = await this.attempt(doing, () => this.index.find(id));
    return entry?.state === "whole" ? described(entry) : undefined;
  }

  list(): Promise<string[]> {
    return this.attempt("Listing the disks", async () =>
      (await this.index.list()).flatMap(({ id, state }) => (state === "whole" ? [id] : [])),
    );
  }

  async remove(id: string): Promise<void> {
    const doing = `Removing disk ${id}`;
    requireContentId(doing, id);
    await this.attempt(doing, async (bucket) => {
      const object = await this.index.remove(id);
      if (object) await this.objects.remove(bucket, object);
      await this.index.forget(id);
    });
  }

  strays(): Promise<string[]> {
    return this.attempt("Looking for what belongs to no disk", async (bucket) =>
      (await this.findStrays(bucket)).map(({ key }) => this.urlOf(key)),
    );
  }

  removeStrays(names: readonly string[]): Promise<void> {
    return this.attempt("Removing what belongs to no disk", async (bucket) => {
      for (const stray of await this.findStrays(bucket)) {
        if (names.includes(this.urlOf(stray.key))) await this.objects.removeStray(bucket, stray);
      }
    });
  }

  private findStrays(bucket: Bucket): Promise<Stray[]> {
    return this.objects.strays(bucket, this.options.owners ?? []);
  }

  private urlOf(key: string): string {
    return `s3://${this.bucket.name}/${key}`;
  }

  private async copyExternal(
    bucket: Bucket,
    doing: string,
    id: string,
    { path, virtualBytes }: { path?: string; virtualBytes: number },
    options: CopyOptions,
  ): Promise<DiskContent> {
    const entry = await this.free(doing, id);
    if (path === undefined) return this.write(bucket, doing, entry, { virtualBytes }, options);
    const bytes = await registeredBytes(doing, path);
    const raw = { bytes, disk: { format: "raw", file: path } as const, layers: [path] };
    return this.writeFile(bucket, doing, entry, raw, options);
  }

  /** A further content of the same object. */
  private async shared(
    bucket: Bucket,
    from: Whole,
    { id }: ContentEntry,
    options: CopyOptions,
  ): Promise<DiskContent> {
    const { virtualBytes = 0, progress, signal } = options;
    const grown = Math.max(from.virtualBytes, virtualBytes);
    const watch = { progress, signal };
    const checksum = options.checksum ? await this.checksumOf(bucket, from, grown, watch) : undefined;
    const sizeBytes = from.object?.storedBytes ?? 0;
    const content = await this.index.share(from.id, id, { virtualBytes, sizeBytes });
    progress?.(grown, grown);
    return { ...described(content), checksum };
  }

  /** A raw file's disk as a new content. `guard` sees to the file's staying as it is. */
  private async writeFile(
    bucket: Bucket,
    doing: string,
    entry: ContentEntry,
    raw: DiskSource,
    options: CopyOptions,
    guard?: <T>(work: () => Promise<T>) => Promise<T>,
  ): Promise<DiskContent> {
    return withLayers(raw.layers!, async (files) => {
      const disk = fileChunks(await piecesOf(tmpdir(), raw, files), raw.bytes);
      return this.write(bucket, doing, entry, { virtualBytes: raw.bytes, disk }, options, guard);
    });
  }

  private async write(
    bucket: Bucket,
    doing: string,
    entry: ContentEntry,
    source: Source,
    options: CopyOptions,
    guard = <T>(work: () => Promise<T>) => work(),
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
      const object = await this.objects.send(bucket, doing, entry, disk, {
        key,
        see: hash && ((chunk) => hash.add(chunk)),
        sent: (upTo) => report(0, (upTo * 0.99) / virtualBytes),
      });
      sent = object;
      const { storedBytes: sizeBytes } = object;
      return { virtualBytes, sizeBytes, object, checksum: await hash?.end(virtualBytes) };
    });
    const content = await making.catch(async (error: unknown) => {
      if (sent)
        await this.objects.remove(bucket, { ...entry, ...sent, state: "whole" }).catch(() => undefined);
      throw error;
    });
    await this.index.finish(entry.id, content);
    killPoint("content-named");
    report(0, 1);
    const { object, checksum } = content;
    const told = wantsChecksum && object?.locked ? `sha256:${object.digest}` : checksum;
    return { ...described(content), checksum: told };
  }

  private async checksumOf(
    bucket: Bucket,
    content: Whole,
    virtualBytes: number,
    { progress, signal, fromKey }: Watch & { fromKey?: DataKey },
  ): Promise<string> {
    if (content.checksum !== undefined && virtualBytes === content.virtualBytes) {
      progress?.(virtualBytes, virtualBytes);
      return content.checksum;
    }
    const disk = await this.openDisk(bucket, "", content, fromKey);
    const checksum = disk
      ? await hashDisk(disk, virtualBytes, { done: (bytes) => progress?.(bytes, virtualBytes), signal })
      : await blankChecksum(virtualBytes, signal);
    progress?.(virtualBytes, virtualBytes);
    return checksum;
  }

  /** Writes a content to a new sparse raw file, as `exportFile` does before any format. `fromKey`: of a sealed one. */
  async download(
    id: string,
    path: string,
    { fromKey, progress, signal }: Watch & { fromKey?: DataKey } = {},
  ): Promise<void> {
    const doing = `Downloading disk ${id} to ${path}`;
    const work = async (bucket: Bucket) => {
      const content = await this.require(doing, id);
      if (content.object?.locked && !fromKey) throw noKey(doing, id);
      const { virtualBytes } = content;
      const report = inTurn(progress, virtualBytes, 1);
      const done = (bytes: number) => report(0, (bytes * 0.99) / virtualBytes);
      await this.fetch(bucket, doing, content, path, done, fromKey);
      report(0, 1);
    };
    return this.attempt(doing, work, { signal }, dirname(path));
  }

  private async fetch(
    bucket: Bucket,
    doing: string,
    content: Whole,
    path: string,
    done: (bytes: number) => void,
    fromKey?: DataKey,
  ): Promise<void> {
    const target = await open(path, "wx");
    try {
      await target.truncate(content.virtualBytes);
      const disk = await this.openDisk(bucket, doing, content, fromKey);
      if (disk) await downloadDisk(disk, target, done);
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await target.close();
    }
  }

  private async openDisk(
    bucket: Bucket,
    doing: string,
    { id, object, region, account }: Whole,
    fromKey?: DataKey,
  ): Promise<ChunkSource | undefined> {
    if (!object) return undefined;
    try {
      return await this.objects.open(bucket, { region, account }, object, fromKey);
    } catch (error) {
      throw error instanceof WrongKey && object.locked ? wrongKey(doing, id) : error;
    }
  }

  private isShareable(from: Whole, to: ContentEntry): boolean {
    return !from.object?.locked && isSameOwner(from, to);
  }

  private async require(doing: string, id: string): Promise<Whole> {
    requireContentId(doing, id);
    const entry = await this.index.find(id);
    if (entry?.state !== "whole") throw new Fault(doing, { says: `there is no disk ${id} in the bucket` });
    return entry;
  }

  /** The entry of a content that is to be made. */
  private async free(doing: string, id: string): Promise<ContentEntry> {
    requireContentId(doing, id);
    const entry = await this.index.find(id);
    if (!entry) throw new Fault(doing, { says: `no record of the catalogue names the disk ${id}` });
    if (entry.state === "whole") throw new Fault(doing, { says: `there is a disk ${id} already` });
    return entry;
  }

  private async inWorkFile<T>(work: (path: string) => Promise<T>): Promise<T> {
    await mkdir(this.workFolder, { recursive: true });
    await removeLeftovers(this.workFolder);
    const path = temporaryPath(this.workFolder);
    try {
      return await work(path);
    } finally {
      await unlink(path).catch(() => undefined);
    }
  }

  /** `folder`: where it writes on this machine. */
  private async attempt<T>(
    doing: string,
    work: (bucket: Bucket) => Promise<T>,
    { signal }: Watch = {},
    folder = this.workFolder,
  ): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work(signal ? this.bucket.with({ signal }) : this.bucket);
    } catch (error) {
      if (signal?.aborted) throw diskFault(error, doing, folder, signal);
      if (error instanceof BucketError) throw s3Fault(error.cause, doing, this.bucket.name);
      if (error instanceof SealedFlaw) throw new Fault(doing, { says: error.message, cause: error });
      throw diskFault(error, doing, folder);
    }
  }
}

function isSameOwner(one: ContentEntry, other: ContentEntry): boolean {
  return one.region === other.region && one.account === other.account;
}

function described({ virtualBytes, sizeBytes }: WholeContent): { virtualBytes: number; sizeBytes: number } {
  return { virtualBytes, sizeBytes };
}

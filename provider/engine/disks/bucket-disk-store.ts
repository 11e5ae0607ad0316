import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { isSameOwner, OPERATOR } from "../keys/key-service";
import type { KeyOwner, KeyService } from "../keys/key-service";
import { Bucket } from "../s3/bucket";
import { RETRY_MS } from "../s3/retries";
import { attempt, type Attempt } from "./bucket/attempt";
import { ContentCopies } from "./bucket/content-copies";
import { described, requireFree, requireWhole } from "./bucket/content-entries";
import type { ContentIndex } from "./bucket/content-index";
import { ContentObjects } from "./bucket/content-objects";
import { ContentReader } from "./bucket/content-reader";
import { ContentWriter } from "./bucket/content-writer";
import { FileTransfers } from "./bucket/file-transfers";
import { missingObjects } from "./bucket/missing-objects";
import { Strays } from "./bucket/strays";
import type {
  ContentRequest,
  CopyOptions,
  DataKey,
  DiskContent,
  DiskStore,
  ExportFile,
  ForeignFile,
  ForeseenContent,
  Watch,
} from "./disk-store";
import { NO_EXTERNAL_CONTENTS, requireContentId, type ExternalContents } from "./external-contents";
import { isSealedFault } from "./faults";
import { inspectForeignFile, openForeignFile } from "./foreign/inspect";

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

/**
 * Contents as sealed objects in an S3 bucket (decisions/0018). Objects never change: what reads the same within an
 * account is one object, and a copy of it costs nothing.
 */
export class BucketDiskStore implements DiskStore {
  private readonly bucket: Bucket;
  private readonly external: ExternalContents;
  private readonly workFolder: string;
  private readonly objects: ContentObjects;
  private readonly reader: ContentReader;
  private readonly writer: ContentWriter;
  private readonly copies: ContentCopies;
  private readonly files: FileTransfers;
  private readonly stray: Strays;
  private readonly owners: readonly KeyOwner[];

  constructor(
    private readonly index: ContentIndex,
    keys: KeyService,
    { bucket, prefix, workFolder, external, owners = [], retryMs = RETRY_MS }: BucketOptions,
  ) {
    this.bucket = Bucket.named(bucket, { retryMs });
    this.owners = owners;
    this.external = external ?? NO_EXTERNAL_CONTENTS;
    this.workFolder = workFolder ?? tmpdir();
    this.objects = new ContentObjects(index, keys, prefix);
    this.reader = new ContentReader(index, this.objects);
    this.writer = new ContentWriter(index, this.objects);
    this.copies = new ContentCopies(index, this.reader, this.writer, this.external);
    this.files = new FileTransfers(index, this.reader, this.writer, this.workFolder);
    this.stray = new Strays(index, this.objects, owners);
  }

  createBlank(id: string, virtualBytes: number, { key }: { key?: DataKey } = {}): Promise<DiskContent> {
    return this.attempt(`Making blank disk ${id}`, async (at) => {
      const entry = await requireFree(this.index, at.doing, id);
      return this.writer.write(at, entry, { virtualBytes }, { key });
    });
  }

  copy(fromId: string, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const work = (at: Attempt) => this.copies.copy(at, fromId, id, options);
    return this.attempt(`Copying disk ${fromId} to ${id}`, work, options);
  }

  async share(fromId: string, id: string, watch: Watch = {}): Promise<DiskContent> {
    const work = (at: Attempt) => this.copies.share(at, fromId, id, watch);
    return this.attempt(`Sharing disk ${fromId} as ${id}`, work, watch);
  }

  async overlay(
    baseId: string,
    id: string,
    options: { virtualBytes?: number } & Watch = {},
  ): Promise<DiskContent> {
    const work = (at: Attempt) => this.copies.overlay(at, baseId, id, options);
    return this.attempt(`Making disk ${id} on top of ${baseId}`, work, options);
  }

  async foresee(content: ContentRequest): Promise<ForeseenContent | undefined> {
    if (!this.index.isCatalogs) return undefined;
    return this.attempt(`Foreseeing disk ${content.id}`, () => this.copies.foresee(content));
  }

  /** `fromKey`: data key of a sealed content. `anew`: all of it is read, whatever is known of it. */
  checksum(id: string, options: Watch & { fromKey?: DataKey; anew?: boolean } = {}): Promise<string> {
    const work = async (at: Attempt) => {
      const content = await requireWhole(this.index, at.doing, id);
      if (content.object?.locked && !options.fromKey) throw isSealedFault(at.doing, id);
      return this.reader.checksum(at, content, content.virtualBytes, options);
    };
    return this.attempt(`Taking the checksum of disk ${id}`, work, options);
  }

  async inspectFile(file: ForeignFile): Promise<{ virtualBytes: number }> {
    const { virtualBytes } = await inspectForeignFile(file);
    return { virtualBytes };
  }

  async importFile(file: ForeignFile, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const handle = await openForeignFile(file);
    try {
      const work = (at: Attempt) => this.files.import(at, { file, handle }, id, options);
      return await this.attempt(`Importing ${file.path} as disk ${id}`, work, options);
    } finally {
      await handle.close();
    }
  }

  exportFile(
    id: string,
    file: ExportFile,
    watch: Watch = {},
  ): Promise<{ sizeBytes: number; checksum: string }> {
    const work = (at: Attempt) => this.files.export(at, id, file, watch);
    return this.attempt(`Exporting disk ${id} to ${file.path}`, work, watch, dirname(file.path));
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
    return this.attempt("Listing the disks", async () => {
      const whole = (await this.index.list()).filter(({ state }) => state === "whole");
      const listed = [...whole.filter((entry) => !this.isOffered(entry)), ...(await this.index.discarded())];
      return [...new Set(listed.map(({ id }) => id))];
    });
  }

  async remove(id: string): Promise<void> {
    const doing = `Removing disk ${id}`;
    requireContentId(doing, id);
    await this.attempt(doing, async ({ bucket }) => {
      const object = await this.index.remove(id);
      if (object) await this.objects.remove(bucket, object);
      await this.index.forget(id);
    });
  }

  strays(): Promise<string[]> {
    return this.attempt("Looking for what belongs to no disk", ({ bucket }) => this.stray.list(bucket));
  }

  removeStrays(names: readonly string[]): Promise<void> {
    return this.attempt("Removing what belongs to no disk", ({ bucket }) => this.stray.remove(bucket, names));
  }

  missing(): Promise<string[]> {
    return this.attempt("Looking for the objects of the disks", ({ bucket }) =>
      missingObjects(bucket, this.index, this.objects, this.owners),
    );
  }

  /** By the operator, to whom it isn't the asker's to list. */
  private isOffered(owner: KeyOwner): boolean {
    return owner.account === OPERATOR && !this.owners.some((own) => isSameOwner(own, owner));
  }

  /** `folder`: where it writes on this machine. */
  private attempt<T>(
    doing: string,
    work: (attempt: Attempt) => Promise<T>,
    { signal }: Watch = {},
    folder = this.workFolder,
  ): Promise<T> {
    return attempt({ doing, bucket: this.bucket, signal, folder }, work);
  }
}

import { createHash } from "node:crypto";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Fault } from "../violation";
import { blankChecksum, hashWithZeros } from "./blank-checksum";
import { exportDisk } from "./disk-export";
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
import { inTemporaryFolder, rawBytes } from "./raw-bytes";
import { seal, unseal } from "./sealed-bytes";

/** `bytes` followed by zeros up to `virtualBytes`. */
interface PlainContent {
  bytes: Buffer;
  virtualBytes: number;
}

/** Held as it is, as nothing but what it is based on, or sealed. */
type Content =
  | (PlainContent & { kind: "plain" })
  | { kind: "overlay"; baseId: string; virtualBytes: number }
  | { kind: "sealed"; bytes: Buffer; virtualBytes: number };

const EMPTY = Buffer.alloc(0);

/** Contents that live as long as their process. */
export class MemoryDiskStore implements DiskStore {
  private readonly contents = new Map<string, Content>();

  constructor(private readonly external: ExternalContents = NO_EXTERNAL_CONTENTS) {}

  async createBlank(id: string, virtualBytes: number, { key }: { key?: DataKey } = {}): Promise<DiskContent> {
    return this.write(`Making blank disk ${id}`, id, { bytes: EMPTY, virtualBytes }, { key });
  }

  async copy(fromId: string, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Copying disk ${fromId} to ${id}`;
    return this.write(doing, id, await this.read(doing, fromId, options.fromKey), options);
  }

  async share(fromId: string, id: string, watch?: Watch): Promise<DiskContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    if (this.external(fromId)) return this.copy(fromId, id, watch);
    return this.put(doing, id, this.held(doing, fromId));
  }

  async overlay(baseId: string, id: string, options: { virtualBytes?: number } = {}): Promise<DiskContent> {
    const doing = `Making disk ${id} on top of ${baseId}`;
    const base = this.held(doing, baseId);
    if (base.kind === "sealed") throw isSealedFault(doing, baseId);
    const virtualBytes = Math.max(base.virtualBytes, options.virtualBytes ?? 0);
    return this.put(doing, id, { kind: "overlay", baseId, virtualBytes });
  }

  async checksum(id: string, { progress, signal }: Watch = {}): Promise<string> {
    const doing = `Taking the checksum of disk ${id}`;
    const content = await this.readPlain(doing, id);
    const checksum = await this.attempt(doing, () => checksumOf(content, signal), signal);
    progress?.(content.virtualBytes, content.virtualBytes);
    return checksum;
  }

  async inspectFile(file: ForeignFile): Promise<{ virtualBytes: number }> {
    const { virtualBytes } = await inspectForeignFile(file);
    return { virtualBytes };
  }

  async importFile(file: ForeignFile, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Importing ${file.path} as disk ${id}`;
    const handle = await openForeignFile(file);
    try {
      const content = await whileUnchanged(file, handle, async () => {
        const { virtualBytes } = await inspectForeignFile(file, handle);
        const bytes = await this.attempt(
          doing,
          () => rawBytes(file, handle, virtualBytes, options.signal),
          options.signal,
        );
        return { bytes, virtualBytes };
      });
      return await this.write(doing, id, content, options);
    } finally {
      await handle.close();
    }
  }

  async exportFile(
    id: string,
    file: ExportFile,
    watch: Watch = {},
  ): Promise<{ sizeBytes: number; checksum: string }> {
    const doing = `Exporting disk ${id} to ${file.path}`;
    const { bytes, virtualBytes } = await this.readPlain(doing, id);
    const work = async (folder: string) => {
      await writeFile(join(folder, "disk"), bytes);
      await truncate(join(folder, "disk"), virtualBytes);
      const disk = { format: "raw", file: "disk" } as const;
      const source = { bytes: virtualBytes, disk, layers: [join(folder, "disk")] };
      return exportDisk(folder, id, source, file, watch);
    };
    return this.attempt(doing, () => inTemporaryFolder(work), watch.signal, dirname(file.path));
  }

  async stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined> {
    const external = this.external(id);
    if (external) return { virtualBytes: external.virtualBytes, sizeBytes: 0 };
    const content = this.contents.get(id);
    return content && described(content);
  }

  async list(): Promise<string[]> {
    return [...this.contents.keys()];
  }

  async remove(id: string): Promise<void> {
    this.contents.delete(id);
  }

  private async read(doing: string, id: string, key?: DataKey): Promise<PlainContent> {
    const external = this.external(id);
    if (external) {
      if (external.path === undefined) return { bytes: EMPTY, virtualBytes: external.virtualBytes };
      const virtualBytes = await registeredBytes(doing, external.path);
      return { bytes: await readFile(external.path), virtualBytes };
    }
    const content = this.held(doing, id);
    if (content.kind === "plain") return content;
    if (content.kind === "sealed") {
      if (!key) throw noKey(doing, id);
      const bytes = unseal(content.bytes, key);
      if (!bytes) throw wrongKey(doing, id);
      return { bytes, virtualBytes: content.virtualBytes };
    }
    const { bytes } = await this.read(doing, content.baseId);
    return { bytes, virtualBytes: content.virtualBytes };
  }

  private readPlain(doing: string, id: string): Promise<PlainContent> {
    if (this.contents.get(id)?.kind === "sealed") throw isSealedFault(doing, id);
    return this.read(doing, id);
  }

  private held(doing: string, id: string): Content {
    const content = this.contents.get(id);
    if (!content) throw new Fault(doing, { says: `there is no disk ${id} in the store` });
    return content;
  }

  private async write(
    doing: string,
    id: string,
    source: PlainContent,
    options: CopyOptions,
  ): Promise<DiskContent> {
    const virtualBytes = Math.max(source.virtualBytes, options.virtualBytes ?? 0);
    const plain = { bytes: source.bytes, virtualBytes };
    const content: Content = options.key
      ? { kind: "sealed", bytes: seal(plain.bytes, options.key), virtualBytes }
      : { kind: "plain", ...plain };
    const checksum = !options.checksum
      ? undefined
      : content.kind === "sealed"
        ? `sha256:${createHash("sha256").update(content.bytes).digest("hex")}`
        : await this.attempt(doing, () => checksumOf(plain, options.signal), options.signal);
    await this.attempt(doing, async () => undefined, options.signal);
    const made = this.put(doing, id, content);
    options.progress?.(virtualBytes, virtualBytes);
    return { ...made, checksum };
  }

  /** `folder`: where it writes. */
  private async attempt<T>(
    doing: string,
    work: () => Promise<T>,
    signal?: AbortSignal,
    folder = tmpdir(),
  ): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      throw diskFault(error, doing, folder, signal);
    }
  }

  private put(doing: string, id: string, content: Content): DiskContent {
    requireContentId(doing, id);
    if (this.contents.has(id)) throw new Fault(doing, { says: `there is a disk ${id} already` });
    this.contents.set(id, content);
    return described(content);
  }
}

function described(content: Content): { virtualBytes: number; sizeBytes: number } {
  const { virtualBytes } = content;
  return { virtualBytes, sizeBytes: content.kind === "overlay" ? 0 : content.bytes.length };
}

function checksumOf({ bytes, virtualBytes }: PlainContent, signal?: AbortSignal): Promise<string> {
  return bytes.length ? hashWithZeros([bytes], virtualBytes, signal) : blankChecksum(virtualBytes, signal);
}

import { readFile } from "node:fs/promises";
import { Fault } from "../violation";
import { blankChecksum, hashWithZeros } from "./blank-checksum";
import type { CopyOptions, DiskContent, DiskStore } from "./disk-store";
import {
  NO_EXTERNAL_CONTENTS,
  registeredBytes,
  requireContentId,
  type ExternalContents,
} from "./external-contents";
import { inspectRawFile } from "./raw-file";

/** `bytes` followed by zeros up to `virtualBytes`. */
interface Content {
  bytes: Buffer;
  virtualBytes: number;
}

const EMPTY = Buffer.alloc(0);

/** Contents that live as long as their process. */
export class MemoryDiskStore implements DiskStore {
  private readonly contents = new Map<string, Content>();

  constructor(private readonly external: ExternalContents = NO_EXTERNAL_CONTENTS) {}

  async createBlank(id: string, virtualBytes: number): Promise<DiskContent> {
    return this.put(`Making blank disk ${id}`, id, { bytes: EMPTY, virtualBytes });
  }

  async copy(fromId: string, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Copying disk ${fromId} to ${id}`;
    const source = await this.source(doing, fromId);
    const virtualBytes = Math.max(source.virtualBytes, options.virtualBytes ?? 0);
    const content = await this.put(doing, id, { bytes: source.bytes, virtualBytes }, options.checksum);
    options.progress?.(virtualBytes, virtualBytes);
    return content;
  }

  async share(fromId: string, id: string): Promise<DiskContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    return this.put(doing, id, await this.source(doing, fromId));
  }

  async inspectFile(path: string, property: string): Promise<{ virtualBytes: number }> {
    return { virtualBytes: (await inspectRawFile(path, property)).bytes };
  }

  async importFile(
    path: string,
    id: string,
    options: CopyOptions & { property: string },
  ): Promise<DiskContent> {
    const file = await inspectRawFile(path, options.property);
    const virtualBytes = Math.max(file.bytes, options.virtualBytes ?? 0);
    const bytes = await readFile(path);
    const doing = `Importing ${path} as disk ${id}`;
    const content = await this.put(doing, id, { bytes, virtualBytes }, options.checksum);
    options.progress?.(virtualBytes, virtualBytes);
    return content;
  }

  async stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined> {
    const content = this.contents.get(id);
    return content && { virtualBytes: content.virtualBytes, sizeBytes: content.bytes.length };
  }

  async remove(id: string): Promise<void> {
    this.contents.delete(id);
  }

  private async source(doing: string, id: string): Promise<Content> {
    const external = this.external(id);
    if (external?.path !== undefined) {
      const virtualBytes = await registeredBytes(doing, external.path);
      return { bytes: await readFile(external.path), virtualBytes };
    }
    const content = external ? { bytes: EMPTY, virtualBytes: external.virtualBytes } : this.contents.get(id);
    if (!content) throw new Fault(doing, { says: `there is no disk ${id} in the store` });
    return content;
  }

  private async put(
    doing: string,
    id: string,
    content: Content,
    wantsChecksum = false,
  ): Promise<DiskContent> {
    requireContentId(doing, id);
    const { bytes, virtualBytes } = content;
    const checksum = wantsChecksum ? await checksumOf(content) : undefined;
    if (this.contents.has(id)) throw new Fault(doing, { says: `there is a disk ${id} already` });
    this.contents.set(id, content);
    return { virtualBytes, sizeBytes: bytes.length, checksum };
  }
}

function checksumOf({ bytes, virtualBytes }: Content): Promise<string> {
  return bytes.length ? hashWithZeros([bytes], virtualBytes) : blankChecksum(virtualBytes);
}

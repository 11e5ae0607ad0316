import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Fault } from "../violation";
import { blankChecksum, hashWithZeros } from "./blank-checksum";
import type { CopyOptions, DataKey, DiskContent, DiskStore, ForeignFile, Progress } from "./disk-store";
import {
  NO_EXTERNAL_CONTENTS,
  registeredBytes,
  requireContentId,
  type ExternalContents,
} from "./external-contents";
import { inspectRawFile } from "./raw-file";

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

  async share(fromId: string, id: string): Promise<DiskContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    if (this.external(fromId)) return this.copy(fromId, id);
    return this.put(doing, id, this.held(doing, fromId));
  }

  async overlay(baseId: string, id: string, options: { virtualBytes?: number } = {}): Promise<DiskContent> {
    const doing = `Making disk ${id} on top of ${baseId}`;
    const base = await this.read(doing, baseId);
    const virtualBytes = Math.max(base.virtualBytes, options.virtualBytes ?? 0);
    return this.put(doing, id, { kind: "overlay", baseId, virtualBytes });
  }

  async checksum(id: string, progress?: Progress): Promise<string> {
    const content = await this.read(`Taking the checksum of disk ${id}`, id);
    const checksum = await checksumOf(content);
    progress?.(content.virtualBytes, content.virtualBytes);
    return checksum;
  }

  async inspectFile({ path, property }: ForeignFile): Promise<{ virtualBytes: number }> {
    return { virtualBytes: (await inspectRawFile(path, property)).bytes };
  }

  async importFile(
    { path, property }: ForeignFile,
    id: string,
    options: CopyOptions = {},
  ): Promise<DiskContent> {
    const { bytes: virtualBytes } = await inspectRawFile(path, property);
    const content = { bytes: await readFile(path), virtualBytes };
    return this.write(`Importing ${path} as disk ${id}`, id, content, options);
  }

  async exportFile(id: string): Promise<{ sizeBytes: number; checksum: string }> {
    throw new Fault(`Exporting disk ${id}`, { says: "this store can't yet" });
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
    if (content.kind === "sealed") return { ...content, bytes: unseal(doing, id, content.bytes, key) };
    const { bytes } = await this.read(doing, content.baseId);
    return { bytes, virtualBytes: content.virtualBytes };
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
        : await checksumOf(plain);
    const made = this.put(doing, id, content);
    options.progress?.(virtualBytes, virtualBytes);
    return { ...made, checksum };
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

function checksumOf({ bytes, virtualBytes }: PlainContent): Promise<string> {
  return bytes.length ? hashWithZeros([bytes], virtualBytes) : blankChecksum(virtualBytes);
}

const NONCE = 12;
const TAG = 16;

function seal(bytes: Buffer, key: DataKey): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = [cipher.update(bytes), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

function unseal(doing: string, id: string, sealed: Buffer, key: DataKey | undefined): Buffer {
  if (!key) throw new Fault(doing, { says: `disk ${id} is sealed, and no key was given to open it` });
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE));
  decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
  } catch {
    throw new Fault(doing, {
      says: `disk ${id} can't be opened with its key: it is sealed with another one`,
    });
  }
}

/**
 * A sealed object holds a disk:
 *
 *     header | chunks, index page | chunks, index page | … | root | footer
 *
 * header  magic (8), version (2), zeros (6), object ID (16)
 * chunk   sealed bytes of one chunk that isn't all zeros, packed by zstd where that is shorter
 * page    sealed entries of the chunks before it, in their order: number (4), bytes in the object with 2^31 added
 *         where it is packed (4), nonce (12)
 * root    sealed: virtual bytes of the disk (8), bytes of a chunk (4), pages (4), and of each page: offset of its first
 *         chunk (8), bytes of its chunks (8), chunks (4), bytes of the page, which follows them (4), nonce (12)
 * footer  bytes of the root (4), nonce of the root (12), zeros (8), magic (8)
 *
 * Numbers are little-endian. Sealed is AES-256-GCM, the tag (16) behind the bytes, with the additional data
 *
 *     object ID (16), version (2), kind (1: 0 chunk, 1 page, 2 root), number of the chunk or page (8)
 *
 * and the nonce HMAC-SHA-256(nonce key, additional data | SHA-256(bytes)), its first 12 bytes: the same bytes at the same
 * place are sealed alike, so that an upload can be carried on, and no nonce ever serves two different ones. Each nonce
 * stands in what is sealed above it, up to the root, whose digest (SHA-256 of root and footer) is kept elsewhere: no
 * part can be exchanged for another, or for an older one.
 */
export const VERSION = 1;
export const MAGIC = Buffer.from("PISEALED", "latin1");
export const HEADER = 32;
export const FOOTER = 32;
export const NONCE = 12;
export const TAG = 16;
/** Chunks of an index page, at most. */
export const PAGE_ENTRIES = 4096;

export type Kind = "chunk" | "page" | "root";
const KINDS: readonly Kind[] = ["chunk", "page", "root"];

/** What the bytes of a sealed part belong to. */
export function additionalData(objectId: string, kind: Kind, number: number): Buffer {
  const data = Buffer.alloc(27);
  data.write(objectId, 0, "hex");
  data.writeUInt16LE(VERSION, 16);
  data.writeUInt8(KINDS.indexOf(kind), 18);
  data.writeBigUInt64LE(BigInt(number), 19);
  return data;
}

export function writeHeader(objectId: string): Buffer {
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt16LE(VERSION, 8);
  header.write(objectId, 16, "hex");
  return header;
}

/** Undefined where it is no header. */
export function readHeader(header: Buffer): { version: number; objectId: string } | undefined {
  if (header.length !== HEADER || !header.subarray(0, 8).equals(MAGIC)) return undefined;
  return { version: header.readUInt16LE(8), objectId: header.toString("hex", 16) };
}

export interface Footer {
  rootBytes: number;
  nonce: Buffer;
}

export function writeFooter({ rootBytes, nonce }: Footer): Buffer {
  const footer = Buffer.alloc(FOOTER);
  footer.writeUInt32LE(rootBytes, 0);
  nonce.copy(footer, 4);
  MAGIC.copy(footer, FOOTER - MAGIC.length);
  return footer;
}

/** Undefined where it is no footer. */
export function readFooter(footer: Buffer): Footer | undefined {
  if (!footer.subarray(FOOTER - MAGIC.length).equals(MAGIC)) return undefined;
  return { rootBytes: footer.readUInt32LE(0), nonce: footer.subarray(4, 4 + NONCE) };
}

/** Where a chunk stands in its page. */
export interface Entry {
  number: number;
  /** In the object. */
  bytes: number;
  isPacked: boolean;
  nonce: Buffer;
}

const ENTRY = 8 + NONCE;
const PACKED = 2 ** 31;

export function writePage(entries: readonly Entry[]): Buffer {
  const page = Buffer.alloc(entries.length * ENTRY);
  entries.forEach(({ number, bytes, isPacked, nonce }, index) => {
    const at = index * ENTRY;
    page.writeUInt32LE(number, at);
    page.writeUInt32LE(bytes + (isPacked ? PACKED : 0), at + 4);
    nonce.copy(page, at + 8);
  });
  return page;
}

export function readPage(page: Buffer): Entry[] {
  return Array.from({ length: page.length / ENTRY }, (_, index) => {
    const at = index * ENTRY;
    const bytes = page.readUInt32LE(at + 4);
    const nonce = page.subarray(at + 8, at + ENTRY);
    return { number: page.readUInt32LE(at), bytes: bytes % PACKED, isPacked: bytes >= PACKED, nonce };
  });
}

export interface Page {
  /** Of its first chunk in the object. */
  offset: number;
  /** Of its chunks. */
  dataBytes: number;
  chunks: number;
  /** Of itself. */
  bytes: number;
  nonce: Buffer;
}

export interface Root {
  virtualBytes: number;
  chunkBytes: number;
  pages: Page[];
}

const ROOT = 16;
const PAGE = 24 + NONCE;

export function writeRoot({ virtualBytes, chunkBytes, pages }: Root): Buffer {
  const root = Buffer.alloc(ROOT + pages.length * PAGE);
  root.writeBigUInt64LE(BigInt(virtualBytes), 0);
  root.writeUInt32LE(chunkBytes, 8);
  root.writeUInt32LE(pages.length, 12);
  pages.forEach(({ offset, dataBytes, chunks, bytes, nonce }, index) => {
    const at = ROOT + index * PAGE;
    root.writeBigUInt64LE(BigInt(offset), at);
    root.writeBigUInt64LE(BigInt(dataBytes), at + 8);
    root.writeUInt32LE(chunks, at + 16);
    root.writeUInt32LE(bytes, at + 20);
    nonce.copy(root, at + 24);
  });
  return root;
}

export function readRoot(root: Buffer): Root {
  const pages = Array.from({ length: root.readUInt32LE(12) }, (_, index): Page => {
    const at = ROOT + index * PAGE;
    return {
      offset: Number(root.readBigUInt64LE(at)),
      dataBytes: Number(root.readBigUInt64LE(at + 8)),
      chunks: root.readUInt32LE(at + 16),
      bytes: root.readUInt32LE(at + 20),
      nonce: root.subarray(at + 24, at + PAGE),
    };
  });
  return { virtualBytes: Number(root.readBigUInt64LE(0)), chunkBytes: root.readUInt32LE(8), pages };
}

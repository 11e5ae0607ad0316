import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { ExportFormat } from "../model";

/**
 * Gives an exported file the identity of its content in place of the random one and the time that the tool wrote:
 * an export that is made again has the same bytes.
 */
export async function makeReproducible(file: FileHandle, format: ExportFormat, id: string): Promise<void> {
  const identity = createHash("sha256").update(id).digest();
  if (format === "vmdk") await nameVmdk(file, identity);
  if (format === "vhd") await nameVhd(file, identity);
}

const SECTOR = 512;

/** The descriptor inside a sparse VMDK: text, its place in sectors told by the header. */
async function nameVmdk(file: FileHandle, identity: Buffer): Promise<void> {
  const header = Buffer.alloc(SECTOR);
  await file.read(header, 0, SECTOR, 0);
  const [at, sectors] = [Number(header.readBigUInt64LE(28)), Number(header.readBigUInt64LE(36))];
  const descriptor = Buffer.alloc(sectors * SECTOR);
  await file.read(descriptor, 0, descriptor.length, at * SECTOR);
  // The tool writes its text twice, a shorter one over what then stays behind its end.
  const [text] = descriptor.toString("latin1").split("\0") as [string];
  // All ones would mean that there is none.
  const contentId = identity.toString("hex", 0, 4).replace(/^f/, "0");
  const named = text.replace(/^CID=[0-9a-f]+$/m, `CID=${contentId}`);
  descriptor.fill(0).write(named, "latin1");
  await file.write(descriptor, 0, descriptor.length, at * SECTOR);
}

/** The footer of a VHD, which a dynamic one begins with too. */
async function nameVhd(file: FileHandle, identity: Buffer): Promise<void> {
  const end = (await file.stat()).size - SECTOR;
  const footer = Buffer.alloc(SECTOR);
  await file.read(footer, 0, SECTOR, end);
  footer.writeUInt32BE(0, 24); // time of making
  identity.copy(footer, 68, 0, 16);
  footer.writeUInt32BE(0, 64);
  const sum = footer.reduce((total, byte) => total + byte, 0);
  footer.writeUInt32BE(~sum >>> 0, 64);
  for (const at of [0, end]) await file.write(footer, 0, SECTOR, at);
}

import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import * as say from "../../messages/disk-files";
import { DATA_DISK } from "../../rules/sizes";
import { ViolationError } from "../../violation";
import type { Violation } from "../../violation";
import type { ForeignFile } from "../disk-store";

const GIB = 2 ** 30;
const PIECE = 2 ** 20;

/** `json:{…}`, `nbd://…`: what disk tools take for a source elsewhere, also behind the folder that a path was resolved in. A drive's letter is none. */
const SOURCE_ELSEWHERE = /(?:^|[/\\])(([A-Za-z][A-Za-z0-9+.-]+):.*)$/s;

/** Opens a disk file from outside once: what is judged and what is then read are one file, whatever its name leads to later. */
export async function openForeignFile(file: ForeignFile): Promise<FileHandle> {
  const [, elsewhere, scheme] = SOURCE_ELSEWHERE.exec(file.path) ?? [];
  if (scheme && file.path === elsewhere) throw refusal(say.diskFileIsNoPath(file, elsewhere, scheme));
  // Opening what isn't a file can do things of its own: look first, and again at what was opened.
  const found = await stat(file.path).catch((error: NodeJS.ErrnoException) => {
    const isAbsent = error.code === "ENOENT" || error.code === "ENOTDIR";
    if (scheme && isAbsent) throw refusal(say.diskFileIsNoPath(file, elsewhere!, scheme));
    throw refusal(isAbsent ? say.diskFileAbsent(file) : say.diskFileUnreadable(file, error.message));
  });
  if (found.isDirectory()) throw refusal(say.diskFileIsFolder(file));
  if (!found.isFile()) throw refusal(say.diskFileIrregular(file));
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  return open(file.path, flags).catch((error: Error) => {
    throw refusal(say.diskFileUnreadable(file, error.message));
  });
}

/** A disk file from outside, opened: reads within its bounds and nowhere else. */
export class ForeignDisk {
  private ahead: { offset: number; bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) };

  private constructor(
    readonly file: ForeignFile,
    private readonly handle: FileHandle,
    readonly bytes: number,
  ) {}

  static async of(file: ForeignFile, handle: FileHandle): Promise<ForeignDisk> {
    const found = await handle.stat();
    if (found.isDirectory()) throw refusal(say.diskFileIsFolder(file));
    if (!found.isFile()) throw refusal(say.diskFileIrregular(file));
    if (found.size === 0) throw refusal(say.diskFileEmpty(file));
    return new ForeignDisk(file, handle, found.size);
  }

  /** All of a part that is small by what its format allows; reads ahead where parts follow each other. */
  async read(offset: number, length: number, part: string): Promise<Buffer> {
    this.requireInside(offset, length, part);
    const end = this.ahead.offset + this.ahead.bytes.length;
    if (offset < this.ahead.offset || offset + length > end) {
      const wanted = offset === end ? Math.max(length, Math.min(PIECE, this.bytes - offset)) : length;
      this.ahead = { offset, bytes: await this.readExactly(offset, wanted, part) };
    }
    const from = offset - this.ahead.offset;
    return this.ahead.bytes.subarray(from, from + length);
  }

  private async readExactly(offset: number, length: number, part: string): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.handle
        .read(buffer, done, length - done, offset + done)
        .catch((error: Error) => {
          throw refusal(say.diskFileUnreadable(this.file, error.message));
        });
      if (bytesRead === 0) throw refusal(say.diskFilePartOutside(this.file, part, offset + done));
      done += bytesRead;
    }
    return buffer;
  }

  /** A table of any length, piece by piece. */
  async *pieces(offset: number, length: number, part: string): AsyncGenerator<Buffer> {
    this.requireInside(offset, length, part);
    for (let done = 0; done < length; done += PIECE) {
      yield await this.read(offset + done, Math.min(PIECE, length - done), part);
    }
  }

  requireInside(offset: number, length: number, part: string): void {
    const isInside = offset >= 0 && offset + length <= this.bytes;
    if (!isInside) throw refusal(say.diskFilePartOutside(this.file, part, this.bytes));
  }

  requireDiskSize(virtualBytes: number): void {
    if (virtualBytes > DATA_DISK.max * GIB) {
      throw refusal(say.diskFileTooLargeInside(this.file, virtualBytes, DATA_DISK.max));
    }
  }

  /** Refuses a part whose value is none that the format has. */
  require(isSound: boolean, part: string, problem: string): void {
    if (!isSound) throw refusal(say.diskFilePartUnsound(this.file, part, problem));
  }
}

export function refusal(violation: Violation): ViolationError {
  return new ViolationError([violation]);
}

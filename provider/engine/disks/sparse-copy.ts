import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Progress } from "./disk-store";

/** Read, hashed and written at a time: hashing one chunk blocks the event loop for a millisecond or two. */
const CHUNK = 2 ** 20;
/** Zeros of this length and place become a hole. */
const BLOCK = 64 * 2 ** 10;
/** Written bytes after which the disk is set to work, so that little is left to wait for at the end. */
const SYNC_EVERY = 64 * 2 ** 20;

const ZEROS = Buffer.alloc(CHUNK);

export interface CopyPlan {
  source: FileHandle;
  sourceBytes: number;
  /** Absent where the content stands already, as a clone, and is only read for its checksum. */
  target?: FileHandle;
  virtualBytes: number;
  checksum?: boolean;
  progress?: Progress;
}

/**
 * Copies in one pass, leaving holes where there are zeros; returns the checksum of the whole virtual content, if asked.
 * Reading a chunk, hashing the one before and writing it happen at the same time.
 */
export async function sparseCopy(plan: CopyPlan): Promise<string | undefined> {
  const { source, sourceBytes, target, virtualBytes, progress } = plan;
  const hash = plan.checksum ? createHash("sha256") : undefined;
  const writer = target && new SparseWriter(target);
  // Zeros that the copy grows by cost something only where they are hashed.
  const work = hash ? virtualBytes : sourceBytes;
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  const read = (chunk: number) => readWhole(source, buffers[chunk % 2]!, chunk * CHUNK, sourceBytes);

  let reading = read(0);
  let writing: Promise<void> | undefined;
  for (let chunk = 0, done = 0; done < sourceBytes; chunk++) {
    const [content] = await Promise.all([reading, writing]);
    if (done + content.length < sourceBytes) reading = read(chunk + 1);
    writing = writer?.write(content, done);
    hash?.update(content);
    done += content.length;
    progress?.(done, work);
  }
  await writing;
  await writer?.end();
  if (!hash) return undefined;
  await hashZeros(hash, virtualBytes - sourceBytes, (done) => progress?.(sourceBytes + done, virtualBytes));
  return `sha256:${hash.digest("hex")}`;
}

async function readWhole(source: FileHandle, buffer: Buffer, position: number, end: number): Promise<Buffer> {
  const length = Math.min(buffer.length, end - position);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await source.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    filled += bytesRead;
  }
  return buffer.subarray(0, length);
}

async function hashZeros(hash: Hash, bytes: number, report: (done: number) => void): Promise<void> {
  for (let done = 0; done < bytes;) {
    const length = Math.min(CHUNK, bytes - done);
    hash.update(ZEROS.subarray(0, length));
    done += length;
    report(done);
    await nextTurn();
  }
}

class SparseWriter {
  private unsynced = 0;
  private syncing: Promise<void> | undefined;
  private failure: unknown;
  constructor(private readonly target: FileHandle) {}

  /** Writes the blocks that aren't all zeros, neighbours together. */
  async write(content: Buffer, position: number): Promise<void> {
    if (this.failure) throw this.failure;
    let start = -1;
    for (let at = 0; at <= content.length; at += BLOCK) {
      const hole = at >= content.length || isZero(content.subarray(at, at + BLOCK));
      if (!hole && start < 0) start = at;
      if (hole && start >= 0) {
        await writeWhole(this.target, content.subarray(start, at), position + start);
        this.unsynced += at - start;
        start = -1;
      }
    }
    // The last block of a file may be a short one.
    if (start >= 0) await writeWhole(this.target, content.subarray(start), position + start);
    if (this.unsynced >= SYNC_EVERY && !this.syncing) this.syncInBackground();
  }

  async end(): Promise<void> {
    await this.syncing;
    if (this.failure) throw this.failure;
  }

  private syncInBackground(): void {
    this.unsynced = 0;
    this.syncing = this.target
      .datasync()
      .catch((error) => {
        this.failure = error;
      })
      .finally(() => (this.syncing = undefined));
  }
}

function isZero(block: Buffer): boolean {
  return block[0] === 0 && block.equals(ZEROS.subarray(0, block.length));
}

async function writeWhole(target: FileHandle, content: Buffer, position: number): Promise<void> {
  for (let written = 0; written < content.length;) {
    const { bytesWritten } = await target.write(
      content,
      written,
      content.length - written,
      position + written,
    );
    written += bytesWritten;
  }
}

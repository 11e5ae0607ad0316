import type { FileHandle } from "node:fs/promises";

/** Zeros of this length and place become a hole. */
const BLOCK = 64 * 2 ** 10;
/** Written bytes after which the disk is set to work, so that little is left to wait for at the end. */
const SYNC_EVERY = 64 * 2 ** 20;

const ZEROS = Buffer.alloc(BLOCK);

/** Writes what isn't zeros. */
export class SparseWriter {
  private unsynced = 0;
  private syncing: Promise<void> | undefined;
  private failure: unknown;
  /** `isPassing`: nobody needs it after a crash, and the disk may take its time. */
  constructor(
    private readonly target: FileHandle,
    private readonly isPassing = false,
  ) {}

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
    if (this.unsynced >= SYNC_EVERY && !this.syncing && !this.isPassing) this.syncInBackground();
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

/** A write may end early where the disk is nearly full. */
export async function writeWhole(target: FileHandle, content: Buffer, position: number): Promise<void> {
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

import type { Duplex } from "node:stream";

/** A part of a call between two processes of a run. */
export interface Frame {
  call: number;
  /** Which method is called, or how the call ended. */
  kind: number;
  bytes: Uint8Array;
}

/** Length of the bytes, call, kind. */
const HEAD_BYTES = 9;

/** Frames over a pipe, in their order; those of one turn of the event loop are written together. */
export class Frames {
  /** What has arrived of frames that aren't whole; put together when the first of them is. */
  private chunks: Buffer[] = [];
  private bytes = 0;
  private wanted = HEAD_BYTES;
  private isCorked = false;

  constructor(
    private readonly pipe: Duplex,
    private readonly receive: (frame: Frame) => void,
  ) {
    pipe.on("data", (chunk: Buffer) => this.read(chunk));
  }

  send({ call, kind, bytes }: Frame): void {
    if (!this.isCorked) {
      this.isCorked = true;
      this.pipe.cork();
      process.nextTick(() => {
        this.isCorked = false;
        this.pipe.uncork();
      });
    }
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    head.writeUInt32LE(bytes.length, 0);
    head.writeUInt32LE(call, 4);
    head.writeUInt8(kind, 8);
    this.pipe.write(head);
    this.pipe.write(bytes);
  }

  private read(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes < this.wanted) return;
    let left = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.wanted = HEAD_BYTES;
    while (left.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + left.readUInt32LE(0);
      if (left.length < end) {
        this.wanted = end;
        break;
      }
      const bytes = left.subarray(HEAD_BYTES, end);
      this.receive({ call: left.readUInt32LE(4), kind: left.readUInt8(8), bytes });
      left = left.subarray(end);
    }
    this.chunks = left.length > 0 ? [left] : [];
    this.bytes = left.length;
  }
}

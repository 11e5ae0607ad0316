import type { Decoder, Encoder } from "@toondepauw/node-zstd";

const LEVEL = 1;
/** Shorter by less than this isn't worth the unpacking. */
const WORTH = 0.95;
/** Looked at first, so that no time goes into what can't be packed. */
const SAMPLES = 4;
const SAMPLE = 16 * 2 ** 10;

let encoder: Encoder | undefined;
let decoder: Decoder | undefined;

/** Packed bytes, or undefined where that isn't worth it. */
export async function pack(bytes: Buffer): Promise<Buffer | undefined> {
  encoder ??= new (load().Encoder)(LEVEL);
  const sample = sampleOf(bytes);
  if (sample.length < bytes.length && encoder.encodeSync(sample).length > sample.length * WORTH) {
    return undefined;
  }
  const packed = await encoder.encode(bytes);
  return packed.length < bytes.length * WORTH ? packed : undefined;
}

export function unpack(bytes: Buffer): Promise<Buffer> {
  decoder ??= new (load().Decoder)();
  return decoder.decode(bytes);
}

function sampleOf(bytes: Buffer): Buffer {
  if (bytes.length <= SAMPLES * SAMPLE) return bytes;
  const apart = Math.floor((bytes.length - SAMPLE) / (SAMPLES - 1));
  return Buffer.concat(
    Array.from({ length: SAMPLES }, (_, index) => bytes.subarray(index * apart, index * apart + SAMPLE)),
  );
}

/** Loaded where a disk is packed: no other run pays for it. */
function load(): { Decoder: typeof Decoder; Encoder: typeof Encoder } {
  return require("@toondepauw/node-zstd");
}

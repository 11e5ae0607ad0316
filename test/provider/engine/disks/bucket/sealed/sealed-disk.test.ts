import { randomBytes } from "node:crypto";
import { expect } from "chai";
import * as fc from "fast-check";
import { CHUNK } from "../../../../../../provider/engine/disks/bucket/chunks";
import { ObjectCipher } from "../../../../../../provider/engine/disks/bucket/sealed/object-cipher";
import { SealedFlaw } from "../../../../../../provider/engine/disks/bucket/sealed/sealed-flaws";
import { HEADER } from "../../../../../../provider/engine/disks/bucket/sealed/sealed-format";
import { contentOf, opened, sealed, type Sealed } from "./sealed-objects";

/** Random, packable, empty and random again, and an end that fits no chunk. */
function mixedDisk(): Buffer {
  const disk = Buffer.alloc(5 * CHUNK + 700);
  randomBytes(CHUNK).copy(disk);
  disk.fill("a line of a log that says little\n", CHUNK, 2 * CHUNK);
  randomBytes(CHUNK).copy(disk, 3 * CHUNK);
  randomBytes(CHUNK + 700).copy(disk, 4 * CHUNK);
  return disk;
}

async function flawOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => expect.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(SealedFlaw);
  return (error as Error).message;
}

describe("a sealed object", () => {
  const disk = mixedDisk();
  let whole: Sealed;
  before(async () => {
    whole = await sealed(disk);
  });

  const read = async (bytes: Buffer | undefined, as: Pick<Sealed, "object" | "cipher"> = whole) =>
    contentOf(await opened(bytes, as));

  it("reads as the disk that was sealed", async () => {
    expect((await read(whole.bytes)).equals(disk)).to.equal(true);
  });

  it("leaves chunks of zeros out, packs what can be packed, and grows what can't by little", () => {
    expect(whole.bytes.length).to.be.within(3 * CHUNK + 700, 3.01 * CHUNK + 700);
  });

  it("shows nothing of the disk", () => {
    expect(whole.bytes.includes("a line of a log")).to.equal(false);
    expect(whole.bytes.includes(disk.subarray(0, 64))).to.equal(false);
  });

  it("is the same each time for the same key and ID, and quite another for another of either", async () => {
    const [dataKey, objectId] = [randomBytes(32), randomBytes(16).toString("hex")];
    const first = await sealed(disk, { dataKey, objectId });
    expect((await sealed(disk, { dataKey, objectId })).bytes.equals(first.bytes)).to.equal(true);
    const others = [await sealed(disk, { dataKey }), await sealed(disk, { objectId })];
    for (const { bytes } of others) {
      expect(bytes.includes(first.bytes.subarray(HEADER, HEADER + 32))).to.equal(false);
    }
  });

  it("never seals two different chunks with one nonce, were they of one place", async () => {
    const [dataKey, objectId] = [randomBytes(32), randomBytes(16).toString("hex")];
    const cipher = ObjectCipher.of(objectId, dataKey);
    const nonces = new Set<string>();
    for (let last = 0; last < 50; last++) {
      const bytes = Buffer.alloc(100, 1);
      bytes[99] = last;
      nonces.add((await cipher.seal("chunk", 0, bytes)).nonce.toString("hex"));
    }
    expect(nonces.size).to.equal(50);
  });

  it("can be read in ranges, of which no more is fetched than the chunks that hold them", async () => {
    const asked: [number, number][] = [];
    const range = await opened(whole.bytes, whole, asked);
    const before = asked.length;
    const content = await contentOf(range, 3 * CHUNK + 5, 3 * CHUNK + 10);
    expect(content.subarray(3 * CHUNK, 4 * CHUNK).equals(disk.subarray(3 * CHUNK, 4 * CHUNK))).to.equal(true);
    const bytes = asked.slice(before).reduce((sum, [, length]) => sum + length, 0);
    expect(bytes).to.be.within(CHUNK, CHUNK + 1024);
  });

  it("holds a disk of several index pages", async () => {
    const paged = await sealed(disk, { pageEntries: 2 });
    expect((await read(paged.bytes, paged)).equals(disk)).to.equal(true);
  });

  it("holds an empty disk in next to no room", async () => {
    const blank = await sealed(Buffer.alloc(3 * CHUNK));
    expect((await read(blank.bytes, blank)).equals(Buffer.alloc(3 * CHUNK))).to.equal(true);
    expect(blank.bytes.length).to.be.lessThan(200);
  });

  it("reads as any disk that was sealed, whatever it holds", async () => {
    const chunk = fc.oneof(fc.constant("zeros"), fc.constant("random"), fc.constant("text"));
    const shape = fc.record({ chunks: fc.array(chunk, { maxLength: 5 }), rest: fc.nat({ max: 100_000 }) });
    await fc.assert(
      fc.asyncProperty(shape, async ({ chunks, rest }) => {
        const parts = chunks.map((kind) =>
          kind === "random" ? randomBytes(CHUNK) : Buffer.alloc(CHUNK, kind === "text" ? "text" : 0),
        );
        const any = Buffer.concat([...parts, randomBytes(rest)]);
        const object = await sealed(any);
        expect((await read(object.bytes, object)).equals(any)).to.equal(true);
      }),
      { numRuns: 15 },
    );
  });

  describe("is refused, and it is said why,", () => {
    it("where it is gone", async () => {
      expect(await flawOf(read(undefined))).to.match(/^s3:\/\/b\/k is gone\. /);
    });

    it("where something else stands in its place", async () => {
      expect(await flawOf(read(randomBytes(whole.bytes.length)))).to.contain("isn't a sealed disk");
      expect(await flawOf(read(Buffer.alloc(0)))).to.contain("isn't a sealed disk");
    });

    it("where it is another sealed object", async () => {
      const other = await sealed(disk);
      expect(await flawOf(read(other.bytes))).to.contain(
        `is another object: what stands in its place is ${other.object.objectId}`,
      );
    });

    it("where an older object of the same key and ID is put back", async () => {
      const [dataKey, objectId] = [randomBytes(32), randomBytes(16).toString("hex")];
      const older = await sealed(disk, { dataKey, objectId });
      const changed = Buffer.from(disk);
      changed[0]! ^= 1;
      const newer = await sealed(changed, { dataKey, objectId });
      expect(older.bytes.length).to.equal(newer.bytes.length);
      expect(await flawOf(read(older.bytes, newer))).to.contain("an older one was put back in its place");
      // Only a chunk of it.
      const mixed = Buffer.from(newer.bytes);
      older.bytes.copy(mixed, HEADER, HEADER, HEADER + CHUNK);
      expect(await flawOf(read(mixed, newer))).to.contain("was altered in chunk 0");
    });

    it("where it is cut off, anywhere, or has grown", async () => {
      for (const length of [HEADER, HEADER + 1, CHUNK, whole.bytes.length - 1]) {
        expect(await flawOf(read(whole.bytes.subarray(0, length)))).to.contain(
          `is cut off: it has ${length} bytes of ${whole.bytes.length}`,
        );
      }
      expect(await flawOf(read(Buffer.concat([whole.bytes, Buffer.alloc(1)])))).to.contain("was altered");
    });

    it("where chunks are swapped", async () => {
      const swapped = Buffer.from(whole.bytes);
      const [first, second] = await (async () => {
        const found: [number, number][] = [];
        const disk = await opened(whole.bytes, whole, found);
        const before = found.length;
        for (const start of [0, 3 * CHUNK]) await contentOf(disk, start, start + 1);
        return found.slice(before).filter(([, length]) => length > CHUNK);
      })();
      const [at, length] = first!;
      whole.bytes.copy(swapped, at, second![0], second![0] + length);
      whole.bytes.copy(swapped, second![0], at, at + length);
      expect(await flawOf(read(swapped))).to.contain("has chunk 3 in the place of chunk 0");
    });

    it("where its key is another one", async () => {
      const cipher = ObjectCipher.of(whole.object.objectId, randomBytes(32));
      expect(await flawOf(read(whole.bytes, { ...whole, cipher }))).to.contain("doesn't open with its key");
    });

    it("where it is of a format that this version doesn't know", async () => {
      const later = Buffer.from(whole.bytes);
      later[8] = 2;
      expect(await flawOf(read(later))).to.contain("has version 2, which this version doesn't read");
    });

    it("where any byte of it is another one", async () => {
      const small = await sealed(Buffer.concat([randomBytes(300), Buffer.alloc(CHUNK), randomBytes(100)]));
      for (let at = 0; at < small.bytes.length; at++) {
        const tampered = Buffer.from(small.bytes);
        tampered[at]! ^= 1 << (at % 8);
        await flawOf(read(tampered, small));
      }
      const anywhere = fc.record({
        at: fc.nat({ max: whole.bytes.length - 1 }),
        flip: fc.integer({ min: 1, max: 255 }),
      });
      await fc.assert(
        fc.asyncProperty(anywhere, async ({ at, flip }) => {
          const tampered = Buffer.from(whole.bytes);
          tampered[at]! ^= flip;
          await flawOf(read(tampered));
        }),
        { numRuns: 50 },
      );
    });
  });
});

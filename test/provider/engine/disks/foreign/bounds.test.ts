import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { Blocks } from "../../../../../provider/engine/disks/foreign/bounds";
import { ForeignDisk } from "../../../../../provider/engine/disks/foreign/foreign-disk";
import { ViolationError } from "../../../../../provider/engine/violation";

const FILE_BYTES = 400;
const BLOCK = 30;
const UNIT = 10;

describe("the bounds of a disk file's parts", () => {
  let folder: string;
  let handle: FileHandle;
  let disk: ForeignDisk;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-bounds-"));
    await writeFile(join(folder, "disk"), "");
    await truncate(join(folder, "disk"), FILE_BYTES);
    handle = await open(join(folder, "disk"), "r");
    disk = await ForeignDisk.of({ path: join(folder, "disk"), format: "vhd", property: "imageFile" }, handle);
  });
  after(async () => {
    await handle.close();
    await rm(folder, { recursive: true });
  });

  function isRefused(work: () => void): boolean {
    try {
      work();
      return false;
    } catch (error) {
      if (!ViolationError.is(error)) throw error;
      return true;
    }
  }

  it("refuse blocks and parts exactly where two share a byte or one leaves the file", () => {
    const starts = fc.array(fc.nat({ max: 40 }), { maxLength: 5 });
    const parts = fc.array(fc.record({ offset: fc.nat({ max: 400 }), length: fc.nat({ max: 60 }) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(starts, parts, (blockStarts, others) => {
        const all = [...blockStarts.map((start) => ({ offset: start * UNIT, length: BLOCK })), ...others];
        const owners = new Array<number>(FILE_BYTES + 100).fill(0);
        for (const { offset, length } of all) for (let i = 0; i < length; i++) owners[offset + i]!++;
        const isOutside = all.some(({ offset, length }) => offset + length > FILE_BYTES);
        const refused = isRefused(() => {
          const blocks = new Blocks(disk, "a block", UNIT, BLOCK);
          for (const start of blockStarts) blocks.add(start);
          blocks.requireDisjoint(others.map((part, i) => ({ name: `part ${i}`, ...part })));
        });
        expect(refused).to.equal(isOutside || owners.some((count) => count > 1));
      }),
      { numRuns: 2000 },
    );
  });

  it("take more blocks than there was room for at first", () => {
    const blocks = new Blocks(disk, "a block", 1, 0);
    for (let i = 0; i < 3000; i++) blocks.add(i % FILE_BYTES);
    blocks.requireDisjoint([]);
  });
});

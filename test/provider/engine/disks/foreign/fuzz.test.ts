import { execFile } from "node:child_process";
import { stat, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect } from "chai";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import type { DiskFormat } from "../../../../../provider/engine/model";
import { ViolationError } from "../../../../../provider/engine/violation";
import { ForeignFiles, hasQemuImg } from "./foreign-files";

const run = promisify(execFile);
const RUNS = 40;

/** A good file of each kind, and where its headers and tables lie. */
const KINDS: { name: string; format: DiskFormat; options: string[]; tables: [from: number, to: number][] }[] =
  [
    {
      name: "qcow2",
      format: "qcow2",
      options: ["-o", "cluster_size=4096"],
      tables: [
        [0, 112],
        [4096, 28_672],
      ],
    },
    {
      name: "packed qcow2",
      format: "qcow2",
      options: ["-c", "-o", "cluster_size=4096"],
      tables: [
        [0, 112],
        [4096, 28_672],
      ],
    },
    {
      name: "VMDK",
      format: "vmdk",
      options: [],
      tables: [
        [0, 1100],
        [10_752, 65_536],
      ],
    },
    {
      name: "stream VMDK",
      format: "vmdk",
      options: ["-o", "subformat=streamOptimized"],
      tables: [
        [0, 1100],
        [10_752, 65_536],
      ],
    },
    { name: "VHD", format: "vhd", options: ["-o", "force_size=on"], tables: [[0, 2048]] },
    {
      name: "VHDX",
      format: "vhdx",
      options: ["-o", "block_size=1M"],
      tables: [
        [65_536, 65_700],
        [196_608, 196_700],
        [2 ** 21, 2 ** 22],
      ],
    },
  ];

/** Where a byte is changed, as a part of all that may be; and the byte. */
const flips = fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.nat({ max: 255 })), {
  minLength: 1,
  maxLength: 4,
});
const damage = fc.record({ flips, cut: fc.option(fc.nat({ max: 1_000_000 }), { freq: 4 }) });

(hasQemuImg ? describe : describe.skip)("damaged disk files", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    for (const { name, format, options } of KINDS) await files.good(name, format, ...options);
  });
  after(() => files.remove());

  for (const { name, format, tables } of KINDS) {
    it(`of ${name} are refused in words, or read as they say`, async () => {
      await fc.assert(
        fc.asyncProperty(damage, async ({ flips, cut }) => {
          const path = await files.changed(name, `${name} damaged`, (bytes) => {
            for (const [where, byte] of flips) bytes[place(tables, where)] = byte;
            return cut === null ? bytes : bytes.subarray(0, 1 + Math.floor((cut / 1_000_001) * bytes.length));
          });
          const found = await inspectForeignFile({ path, format, property: "imageFile" }).catch(
            (error: unknown) => {
              if (!ViolationError.is(error)) throw error;
              return undefined;
            },
          );
          if (found)
            expect(await readBytes(path, format, files.path("read"))).to.be.at.most(found.virtualBytes);
        }),
        { numRuns: RUNS },
      );
    });
  }
});

function place(tables: [number, number][], where: number): number {
  let left = where % tables.reduce((total, [from, to]) => total + to - from, 0);
  for (const [from, to] of tables) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  throw new Error("beyond the tables");
}

/** Bytes of the disk that qemu-img reads in a file. */
async function readBytes(path: string, format: DiskFormat, to: string): Promise<number> {
  const driver = format === "vhd" ? "vpc,force_size_calc=current_size" : format;
  const source = `driver=${driver},file.driver=file,file.filename=${path}`;
  await run("qemu-img", ["convert", "--image-opts", source, "-O", "raw", to], { timeout: 20_000 });
  const { size } = await stat(to);
  await unlink(to);
  return size;
}

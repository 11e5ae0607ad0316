import { execFile } from "node:child_process";
import { stat, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { expect } from "chai";
import fc from "fast-check";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import type { DiskFormat } from "../../../../../provider/engine/model";
import { ViolationError } from "../../../../../provider/engine/violation";
import { mendVhd, mendVhdx } from "./checksums";
import { ForeignFiles, hasQemuImg, MIB } from "./foreign-files";

const run = promisify(execFile);
const RUNS = Number(process.env.FUZZ_RUNS ?? 30);

type Place = [from: number, to: number];

interface FileKind {
  name: string;
  format: DiskFormat;
  options: string[];
  /** Where its headers and tables lie. */
  tables: Place[];
  /** Makes its checksums right again, so that more than those is tried. */
  mend?: (bytes: Buffer) => void;
  /** Only unpacking tells whether what is packed is sound: readers may refuse it then. */
  isPacked?: (bytes: Buffer) => boolean;
}

const QCOW2: Place[] = [
  [0, 112],
  [4096, 4200],
  [12_288, 20_480],
];
const VMDK: Place[] = [
  [0, 1100],
  [10_752, 15_000],
];
const VHD: Place[] = [
  [0, 100],
  [512, 600],
  [1536, 1560],
];
const VHDX: Place[] = [
  [65_536, 65_620],
  [196_608, 196_690],
  [2 * MIB, 2 * MIB + 64],
  [3 * MIB, 3 * MIB + 250],
  [3 * MIB + 65_536, 3 * MIB + 65_580],
];
const KINDS: FileKind[] = [
  {
    name: "qcow2",
    format: "qcow2",
    options: ["-o", "cluster_size=4096"],
    tables: QCOW2,
    isPacked: hasPackedCluster,
  },
  {
    name: "packed qcow2",
    format: "qcow2",
    options: ["-c", "-o", "cluster_size=4096"],
    tables: QCOW2,
    isPacked: () => true,
  },
  { name: "VMDK", format: "vmdk", options: [], tables: VMDK },
  {
    name: "packed VMDK",
    format: "vmdk",
    options: ["-o", "subformat=streamOptimized"],
    tables: VMDK,
    isPacked: () => true,
  },
  { name: "VHD", format: "vhd", options: ["-o", "force_size=on"], tables: VHD, mend: mendVhd },
  { name: "VHDX", format: "vhdx", options: ["-o", "block_size=1M"], tables: VHDX, mend: mendVhdx },
];

/** Where a byte is changed, as a part of all that may be; and the byte. */
const flips = fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.nat({ max: 255 })), {
  minLength: 1,
  maxLength: 4,
});
const damages = fc.record({ flips, cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }) });

(hasQemuImg ? describe : describe.skip)("damaged disk files", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    for (const { name, format, options } of KINDS) await files.good(name, format, ...options);
  });
  after(() => files.remove());

  for (const { name, format, tables, mend, isPacked = () => false } of KINDS) {
    it(`of ${name} are refused in words, or read as they say`, async () => {
      const judge = async (damage: { flips: [number, number][]; cut: number | null }) => {
        let damaged: Buffer = Buffer.alloc(0);
        const path = await files.changed(name, `${name} damaged`, (bytes) => {
          for (const [where, byte] of damage.flips) bytes[place(tables, where)] = byte;
          const kept = bytes.subarray(0, Math.max(1, bytes.length * (damage.cut ?? 1)));
          mend?.(kept);
          return (damaged = kept);
        });
        const found = await inspectForeignFile({ path, format, property: "imageFile" }).catch(
          (error: unknown) => {
            if (!ViolationError.is(error)) throw error;
            return undefined;
          },
        );
        if (!found) return;
        const read = await readBytes(path, format, files.path("read")).catch((error: { code?: unknown }) => {
          if (!isPacked(damaged) || error.code !== 1) throw error;
          return 0;
        });
        expect(read).to.be.at.most(found.virtualBytes);
      };
      await fc.assert(fc.asyncProperty(damages, judge), { numRuns: RUNS });
    });
  }
});

/** One bit of an entry of an L2 table says so, and what else stands there isn't packed then. */
function hasPackedCluster(qcow2: Buffer): boolean {
  const [from, to] = QCOW2[2]!;
  for (let at = from; at < Math.min(to, qcow2.length); at += 8) if (qcow2[at]! & 0x40) return true;
  return false;
}

function place(tables: Place[], where: number): number {
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

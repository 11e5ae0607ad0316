import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderDiskStore } from "../provider/engine/disks/folder-disk-store";
import type { Figure } from "./figure";
import { figure, median, seconds } from "./figure";
import { writeRandom } from "./random-file";

const GIB = 2 ** 30;

/** An image of a disk is a durable copy of it with its checksum: against `cp` and `sha256sum` of the same file, pair by pair. */
export async function disk(): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), "images-bench-"));
  try {
    const file = join(dir, "random.raw");
    writeRandom(file, GIB);
    const store = new FolderDiskStore(join(dir, "store"));
    await store.importFile({ path: file, format: "raw", property: "diskFile" }, "source");
    const ratios: number[] = [];
    for (let run = 0; run < 5; run++) {
      const ours = await seconds(() => store.copy("source", `copy-${run}`, { checksum: true }));
      await store.remove(`copy-${run}`);
      const theirs = await seconds(() => {
        execFileSync("cp", [file, join(dir, "cp.raw")]);
        execFileSync("sha256sum", [join(dir, "cp.raw")]);
      });
      rmSync(join(dir, "cp.raw"));
      ratios.push(ours / theirs);
    }
    return [
      figure(
        "image of a 1 GiB disk of random data, against cp + sha256sum",
        1.1,
        median(ratios),
        "×",
        `median of 5 pairs, ${statSync(file).size / GIB} GiB`,
      ),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

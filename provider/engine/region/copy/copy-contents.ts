import type { OperatorRecords } from "../../catalog/postgres/operator-records";
import type { BucketDiskStore } from "../../disks/bucket-disk-store";
import { inTurn } from "../../disks/converted-disk";
import type { Progress } from "../../disks/disk-store";
import { inLanes } from "../../in-lanes";
import { Fault } from "../../violation";
import type { CopiedContent } from "./copied-records";
import type { SourceRegion } from "./source-region";

const GIB = 2 ** 30;

/** Told how far a copy is. */
export interface CopyReport {
  /** A disk is there, verified. */
  disk(content: CopiedContent, done: number, of: number): void;
  /** Part of the disks' work that is done, 0 to 1. */
  progress(share: number): void;
  /** Records that are taken in: all of them, or none in the end. */
  records(count: number, of: number): void;
}

export interface CopyTargetDisks {
  disks: BucketDiskStore;
  records: OperatorRecords;
}

/** Brings disks, several at a time, and reads each of them back. What a copy that was cut off brought is taken up. */
export async function copyContents(
  source: SourceRegion,
  target: CopyTargetDisks,
  contents: readonly CopiedContent[],
  { workFolder, lanes, report }: { workFolder: string; lanes: number; report: CopyReport },
): Promise<void> {
  const all = contents.reduce((sum, { size }) => sum + size, 0);
  let [done, gib] = [0, 0];
  await inLanes(contents, lanes, async (content) => {
    let before = 0;
    const advance = (share: number) => {
      gib += content.size * (share - before);
      before = share;
      report.progress(gib / all);
    };
    await copyContent(source, target, content, workFolder, (part, whole) => advance(part / whole));
    advance(1);
    report.disk(content, ++done, contents.length);
  });
}

async function copyContent(
  source: SourceRegion,
  { disks, records }: CopyTargetDisks,
  content: CopiedContent,
  workFolder: string,
  progress: Progress,
): Promise<void> {
  const { id, wrappedKey } = content;
  const key = wrappedKey === undefined ? undefined : await source.unwrap(wrappedKey);
  const share = inTurn(progress, content.size * GIB, 3);
  const nth = (part: number) => (done: number, total: number) => share(part, done / total);
  const readBack = () => disks.checksum(id, { fromKey: key, anew: true, progress: nth(2) });
  try {
    const reading = { workFolder, progress: nth(0) };
    await source.withPlainFile(content, reading, async (path, checksum) => {
      if (await disks.stat(id)) {
        const found = await readBack().catch(() => undefined);
        if (found === checksum) return;
        await disks.remove(id);
        await records.nameContents([content]);
      }
      await disks.importFile({ path, format: "raw", property: "" }, id, { key, progress: nth(1) });
      if ((await readBack()) === checksum) return;
      throw new Fault(`Copying disk ${id}`, {
        says: "what was read back isn't what was sent",
        left: "No record was copied. Copy again: that sends this disk anew",
      });
    });
  } finally {
    key?.fill(0);
  }
}

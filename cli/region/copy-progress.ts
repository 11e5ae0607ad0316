import type { CopyReport } from "../../provider/engine/region/copy/copy-contents";

/** While no disk is done, a line says so often how far they are. */
const EVERY_MS = 10_000;

/** Tells on standard error how far a copy is. */
export function copyProgress(): CopyReport {
  let last = performance.now();
  let percent = 0;
  const say = (line: string) => {
    last = performance.now();
    process.stderr.write(`${line}\n`);
  };
  return {
    progress(share) {
      percent = Math.floor(share * 100);
      if (performance.now() - last >= EVERY_MS) say(`${percent} % of the disks`);
    },
    disk: ({ id }, done, of) => say(`Disk ${done} of ${of} (${percent} %): ${id}`),
    records: (count, of) => say(`Record ${count} of ${of}`),
  };
}

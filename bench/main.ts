import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { catalog } from "./catalog";
import { checkDiff } from "./check-diff";
import { declare } from "./declare";
import { deployments } from "./deployments";
import { disk } from "./disk";
import type { Figure } from "./figure";
import { imageKinds } from "./image-kinds";
import { teamRegion } from "./team/team-bench";

/** Prints every figure as a table, then the same as one line of JSON. */
async function main(): Promise<void> {
  const figures: Figure[] = [
    ...deployments(),
    ...declare(),
    ...(await checkDiff()),
    ...(await catalog()),
    ...(await disk()),
    ...(await imageKinds()),
    ...(await teamRegion()),
  ];
  const table = new Table({
    head: ["work", "aim", "measured", "met", "note"],
    style: { head: [], border: [] },
  });
  for (const { work, aim, measured, unit, met, note } of figures) {
    const shown = measured === undefined ? "not measured" : `${measured.toFixed(2)} ${unit}`;
    table.push([work, aim, shown, met === undefined ? "" : met ? "yes" : "no", note ?? ""]);
  }
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  console.log(
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}\n${table.toString()}`,
  );
  console.log(JSON.stringify({ machine, figures }));
}

void main();

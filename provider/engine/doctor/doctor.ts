import { rm } from "node:fs/promises";
import { findLeftovers } from "../disks/temporary-file";
import * as say from "../messages";
import type { Run } from "../operations/run";
import type { Kind } from "../model";
import type { RemoveOptions } from "../engine";
import { ViolationError } from "../violation";
import type { Doctor, Finding } from "./finding";
import { judge, namedContents } from "./judge";

/** How a record of each kind is deleted, with every rule. */
export type Removers = { [K in Kind]: (id: string, options: RemoveOptions) => Promise<void> };

/** `folders`: where the region's adapters write temporary files. */
export function doctor(run: Run, removers: Removers, folders: readonly string[]): Doctor {
  return {
    examine: () => examine(run, folders),
    remove: (findings) => remove(run, removers, folders, findings),
  };
}

async function examine(run: Run, folders: readonly string[]): Promise<Finding[]> {
  const { catalog, disks, keys } = run;
  // Before the records: a content's record comes before the content, and goes after it.
  const before = await disks.list();
  const snapshot = await catalog.snapshot();
  const leftovers = await catalog.leftovers();
  const listed = new Set(await disks.list());
  const contents = [...new Set(before)].filter((id) => listed.has(id));
  const missing = new Set<string>(await disks.missing?.());
  for (const id of namedContents(snapshot)) {
    if (!listed.has(id) && !missing.has(id) && !(await disks.stat(id))) missing.add(id);
  }
  return judge({
    ...{ snapshot, leftovers, contents, missing },
    keys: await keys.list(),
    temporaryFiles: await temporaryFiles(folders),
    strays: (await disks.strays?.()) ?? [],
  });
}

async function temporaryFiles(folders: readonly string[]): Promise<string[]> {
  return (await Promise.all(folders.map(findLeftovers))).flat();
}

type Left = { finding: Finding; why: string };

async function remove(
  run: Run,
  removers: Removers,
  folders: readonly string[],
  findings: readonly Finding[],
): Promise<Left[]> {
  const of = (...ailments: Finding["ailment"][]) =>
    findings.filter(({ ailment }) => ailments.includes(ailment));
  if (of("deadCreation", "discardedContent").length > 0) {
    const failure = await run.sweep();
    if (failure) throw failure;
  }
  const left = await removeOrphans(run, of("orphanContent"));
  if (of("temporaryFile").length > 0) {
    const dead = new Set(await temporaryFiles(folders));
    for (const { id } of of("temporaryFile"))
      if (dead.has(id)) await rm(id, { recursive: true, force: true });
  }
  const strays = of("stray").map(({ id }) => id);
  if (strays.length > 0) await run.disks.removeStrays?.(strays);
  for (const finding of of("cutOffCreation")) left.push(...(await removeRecord(removers, finding)));
  return left;
}

/** The catalogue says what no record names, in one transaction with noting it: no creation comes between. */
async function removeOrphans(run: Run, findings: readonly Finding[]): Promise<Left[]> {
  if (findings.length === 0) return [];
  const ids = findings.map(({ id }) => id);
  const free = await run.catalog.transaction((tx) => tx.discardDisks(ids));
  for (const id of free) await run.disks.remove(id);
  await run.catalog.forgetDiscarded(free);
  return findings
    .filter(({ id }) => !free.includes(id))
    .map((finding) => ({ finding, why: say.namedMeanwhile(finding.id) }));
}

async function removeRecord(removers: Removers, finding: Finding): Promise<Left[]> {
  const { record, id } = finding;
  try {
    await removers[record!.kind](id, { account: record!.account, onDelete: "refuse" });
    return [];
  } catch (error) {
    if (!ViolationError.is(error)) throw error;
    return [{ finding, why: error.message }];
  }
}

import { constants } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_VERSION } from "../version";
import type { StackFiles } from "./file-backend";
import type { UpdateKind, UpdateResult } from "./stack-store";

export interface HistoryRecord {
  kind: UpdateKind;
  started: Date;
  result: UpdateResult;
  changes: Record<string, number>;
  config: Record<string, unknown>;
  message: string;
}

/** The run and a copy of its checkpoint, named and laid out as `pulumi stack history` reads them. */
export async function writeHistory(files: StackFiles, stack: string, record: HistoryRecord): Promise<void> {
  const { kind, started, result, changes, config, message } = record;
  const now = nanoseconds();
  await mkdir(files.history, { recursive: true });
  await writeFile(
    join(files.history, `${stack}-${now}.history.json`),
    JSON.stringify({
      kind: kind === "up" ? "update" : kind,
      startTime: seconds(started),
      message,
      environment: { "exec.kind": "images", "images.version": PACKAGE_VERSION },
      config,
      version: 0,
      result,
      endTime: seconds(new Date()),
      resourceChanges: changes,
    }),
  );
  await copy(files.checkpoint, join(files.history, `${stack}-${now}.checkpoint.json`));
  await mkdir(files.backups, { recursive: true });
  await copy(files.checkpoint, join(files.backups, `${stack}.${now}.json`));
}

/**
 * The checkpoint as it was, beside it. The CLI's `.attrs` of both files (a type and a checksum) would no longer be
 * true; it does without them.
 */
export async function keepBackup(checkpoint: string): Promise<void> {
  await copy(checkpoint, `${checkpoint}.bak`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rm(`${checkpoint}.attrs`, { force: true });
  await rm(`${checkpoint}.bak.attrs`, { force: true });
}

const copy = (from: string, to: string): Promise<void> => copyFile(from, to, constants.COPYFILE_FICLONE);

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);

const nanoseconds = (): bigint => BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);

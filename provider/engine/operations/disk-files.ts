import type { ForeignFile } from "../disks/disk-store";
import { diskFileRule } from "../rules/sizes";
import type { DiskLimits } from "../rules/sizes";
import { ViolationError } from "../violation";
import type { Violation } from "../violation";
import type { Run } from "./run";

export const GIB = 2 ** 30;

/** What a disk file lets a disk be: its violations, or the least size in GiB. */
export interface JudgedFile {
  violations: Violation[];
  needs?: number;
}

/** Looked at once a run, so that check and create judge alike. */
export async function judgeFile(run: Run, file: ForeignFile, limits: DiskLimits): Promise<JudgedFile> {
  try {
    const { virtualBytes } = await run.inspectFile(file);
    const needs = Math.max(1, Math.ceil(virtualBytes / GIB));
    const violations = diskFileRule(file, needs, limits);
    return violations.length > 0 ? { violations } : { violations, needs };
  } catch (error) {
    if (!ViolationError.is(error)) throw error;
    return { violations: error.violations };
  }
}

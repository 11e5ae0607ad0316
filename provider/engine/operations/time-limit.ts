import { milliseconds } from "../duration";
import type { Watch } from "../disks/disk-store";
import type { Report } from "../engine";
import * as say from "../messages";
import { isKnown } from "../requests";
import type { Declaration, Timeouts } from "../requests";
import { Fault } from "../violation";

/** What disk work is done under. */
export interface Work {
  report: Report;
  /** Aborted when the time that the work may take is up. */
  signal?: AbortSignal;
}

/** Tells what is begun, and how far it is from then on. */
export function watch(
  { report, signal }: Work,
  doing: string,
): Watch & { progress: NonNullable<Watch["progress"]> } {
  report(doing, 0);
  return { progress: (done, total) => report(doing, total > 0 ? done / total : 1), signal };
}

interface Limited {
  declaration: Declaration;
  operation: keyof Timeouts;
  /** For the fault. */
  doing: string;
}

/**
 * Does disk work in the time that the declaration allows it; it is told to stop when that is up, and where it then
 * fails, the fault says how far it was.
 */
export async function inTime<T>(
  { declaration: { timeouts }, operation, doing }: Limited,
  report: Report,
  work: (work: Work) => Promise<T>,
): Promise<T> {
  const stated = timeouts !== undefined && isKnown(timeouts) ? timeouts[operation] : undefined;
  const ms = stated !== undefined && isKnown(stated) ? milliseconds(stated) : undefined;
  if (ms === undefined) return work({ report });
  const property = `timeouts.${operation}`;
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(new Error(`${property} is up`)), Math.ceil(ms));
  let reached: string | undefined;
  const watched: Report = (doing, fraction) => {
    if (!signal.aborted) reached = `${doing} was at ${Math.floor(fraction * 100)} %`;
    report(doing, fraction);
  };
  try {
    return await work({ report: watched, signal });
  } catch (error) {
    if (!signal.aborted || !isCausedBy(error, signal.reason)) throw error;
    throw new Fault(doing, {
      says: say.timeIsUp(property, String(stated), reached),
      left: say.afterTimeIsUp(property),
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

function isCausedBy(error: unknown, reason: unknown): boolean {
  if (error === reason) return true;
  return error instanceof Error && error.cause !== undefined && isCausedBy(error.cause, reason);
}

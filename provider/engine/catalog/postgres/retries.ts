import { setTimeout as delay } from "node:timers/promises";
import { codeOf, isConflict, isLost } from "./failures";

/** For how long a failure that may pass is met with another attempt, in milliseconds. */
export interface Patience {
  /** A server that answered before: restarts, failovers, networks that are cut. */
  lost: number;
  /** A server that never did: a wrong address is told soon. */
  unknown: number;
  /** Others that hold what is needed. */
  conflict: number;
}

export const PATIENCE: Patience = { lost: 60_000, unknown: 5_000, conflict: 90_000 };

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** Starting up, or full: it is there, whether it ever answered or not. */
const THERE = new Set(["57P03", "53300"]);

/** Runs `attempt` until it succeeds, fails for good, or patience ends: with pauses that grow and differ. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  patience: Patience,
  isKnown: () => boolean,
): Promise<T> {
  const start = Date.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() - start >= patienceWith(error, patience, isKnown())) throw error;
    }
    await delay(pause * (0.5 + Math.random()));
  }
}

function patienceWith(error: unknown, patience: Patience, known: boolean): number {
  if (isConflict(error)) return patience.conflict;
  if (!isLost(error)) return 0;
  return known || THERE.has(codeOf(error)) ? patience.lost : patience.unknown;
}

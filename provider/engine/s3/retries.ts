import { setTimeout as wait } from "node:timers/promises";
import { statusOf } from "./s3-faults";

/** How long a request that fails is made again. */
export interface Patience {
  /** Milliseconds from the first failure of a request. */
  retryMs: number;
  /** Ends all waiting: its reason is thrown. */
  signal?: AbortSignal;
}

/** As long as a run has patience, ms. */
export const RETRY_MS = 30_000;

const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** What a server in trouble, or the way to it, says: the same request may succeed a moment later. */
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const PASSING = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
  // What was sent arrived as something else.
  "BadDigest",
  "IncompleteBody",
  "NetworkingError",
  "NotYet",
  "RequestTimeout",
  "TimeoutError",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
]);

/** An answer that ended before its length. */
export class IncompleteAnswer extends Error {
  readonly code = "ECONNRESET";
  constructor() {
    super("the answer ended before its length");
  }
}

/** The server has taken a request, and is at it still. */
export class NotYet extends Error {
  readonly code = "NotYet";
}

export function mayRetry(error: unknown): boolean {
  const { name = "", code = "", errors = [] } = error as Error & { code?: string; errors?: unknown[] };
  if (PASSING.has(name) || PASSING.has(code) || errors.some(mayRetry)) return true;
  return PASSING_STATUS.has(statusOf(error) ?? 0);
}

/** Makes a request until it succeeds, fails for good, or patience ends; waits longer each time, by chance (full jitter). */
export async function retrying<T>(request: () => Promise<T>, { retryMs, signal }: Patience): Promise<T> {
  let until: number | undefined;
  for (let longest = FIRST_WAIT; ; longest = Math.min(LONGEST_WAIT, longest * 2)) {
    signal?.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      signal?.throwIfAborted();
      until ??= performance.now() + retryMs;
      const pause = Math.random() * longest;
      if (!mayRetry(error) || performance.now() + pause > until) throw error;
      await wait(pause, undefined, { signal });
    }
  }
}

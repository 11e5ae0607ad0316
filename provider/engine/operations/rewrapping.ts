import type { MasterKey } from "../keys/key-service";
import { parseWrapped } from "../keys/wrapped-key";
import type { StandingKey } from "../keys/wrapped-keys";
import { killPoint } from "../kill-points";
import { Fault, ViolationError } from "../violation";
import type { Run } from "./run";

/** Vaults may be far away: so many are asked at a time. */
const AT_ONCE = 8;
/** What others change meanwhile is looked at again. */
const PASSES = 3;

/**
 * Wraps by the key's newest version what earlier ones have wrapped, and touches no disk. What is cut off is carried on
 * by the next call. Returns how many data keys it has wrapped anew.
 */
export async function rewrapAll({ keys, wrappedKeys }: Run, { id, version }: MasterKey): Promise<number> {
  let done = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const waiting = (await wrappedKeys.wrappedBy(id)).filter((standing) => isOlder(standing, version));
    if (waiting.length === 0) break;
    const workers = Array.from({ length: AT_ONCE }, async () => {
      try {
        for (let standing = waiting.shift(); standing; standing = waiting.shift()) {
          const rewrapped = await keys.rewrap(standing.wrappedKey);
          if (await wrappedKeys.replace(standing, rewrapped)) done++;
          killPoint("data-key-rewrapped");
        }
      } finally {
        // What stands in the way of one is in the way of all.
        waiting.length = 0;
      }
    });
    const failed = (await Promise.allSettled(workers)).find((each) => each.status === "rejected");
    if (failed) throw interrupted(id, version, done, failed.reason);
  }
  return done;
}

export function isOlder({ wrappedKey }: Pick<StandingKey, "wrappedKey">, version: number): boolean {
  return parseWrapped(wrappedKey).version < version;
}

function interrupted(id: string, version: number, done: number, cause: unknown): unknown {
  if (ViolationError.is(cause)) return cause;
  return new Fault(`Wrapping data keys anew by version ${version} of master key ${id}`, {
    cause,
    says: (cause as Error).message,
    left: `${done} were, and all can be opened as before. Carry on with: images keys rewrap ${id}`,
  });
}

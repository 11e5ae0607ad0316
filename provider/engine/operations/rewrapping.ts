import { inLanes } from "../in-lanes";
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
 * by the next call, of which `command` is the user's. Returns how many data keys it has wrapped anew.
 */
export async function rewrapAll(
  { keys, wrappedKeys }: Pick<Run, "keys" | "wrappedKeys">,
  { id, version }: MasterKey,
  command = "images keys",
): Promise<number> {
  let done = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const waiting = (await wrappedKeys.wrappedBy(id)).filter((standing) => isOlder(standing, version));
    if (waiting.length === 0) break;
    await inLanes(waiting, AT_ONCE, async (standing) => {
      const rewrapped = await keys.rewrap(standing.wrappedKey);
      if (await wrappedKeys.replace(standing, rewrapped)) done++;
      killPoint("data-key-rewrapped");
    }).catch((error: unknown) => {
      throw interrupted({ id, version, done, command }, error);
    });
  }
  return done;
}

export function isOlder({ wrappedKey }: Pick<StandingKey, "wrappedKey">, version: number): boolean {
  return parseWrapped(wrappedKey).version < version;
}

function interrupted(
  { id, version, done, command }: { id: string; version: number; done: number; command: string },
  cause: unknown,
): unknown {
  if (ViolationError.is(cause)) return cause;
  return new Fault(`Wrapping data keys anew by version ${version} of master key ${id}`, {
    cause,
    says: (cause as Error).message,
    left: `${done} were, and all can be opened as before. Carry on with: ${command} rewrap ${id}`,
  });
}

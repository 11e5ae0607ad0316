import type { PlannedApplication } from "../../provider/engine/region/plan-application";
import { STAND_IN } from "../../provider/engine/region/region-changes";
import type { RegionChange } from "../../provider/engine/region/region-changes";

const SIGNS = { create: "+", update: "~", delete: "-" } as const;

/** What applying a file would do, for people. */
export function applicationText({ described, changes, refusals }: PlannedApplication, path: string): string {
  const title = `Region of ${described}`;
  if (changes.length + refusals.length === 0) return `${title}: nothing to do, it is as ${path} says.\n`;
  const lines = [title, ...changesInLines(changes), ...refusals.map((refusal) => `! ${refusal}`)];
  if (refusals.length > 0) lines.push("", `${path} can't be applied: nothing was changed.`);
  return `${lines.join("\n")}\n`;
}

/** A public catalogue without disks is many images and one line. */
function changesInLines(changes: readonly RegionChange[]): string[] {
  const isStandIn = ({ op, details }: RegionChange) => op === "create" && details[0] === STAND_IN;
  const standIns = changes.filter(isStandIn);
  if (standIns.length < 2) return changes.map(line);
  const rest = changes.filter((change) => !isStandIn(change)).map(line);
  return [...rest, `+ ${standIns.length} offered images, each with ${STAND_IN}`];
}

function line({ op, what, details }: RegionChange): string {
  return `${SIGNS[op]} ${[what, details.join(", ")].filter(Boolean).join(": ")}`;
}

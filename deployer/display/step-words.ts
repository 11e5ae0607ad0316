import type { StepOp } from "./events";

interface StepWords {
  /** One column before the words. */
  sign: string;
  /** "create", "creating", "created" */
  plan: string;
  doing: string;
  done: string;
  /** What of the resource a failure is about, where it isn't the resource itself: "Replacement of" */
  part?: string;
  color: "green" | "yellow" | "red" | "magenta" | "cyan" | "dim";
}

/** How each step is spoken of; a replacement's inner steps are told as what happens to the resource. */
export const STEP_WORDS: Record<StepOp, StepWords> = {
  same: { sign: " ", plan: "unchanged", doing: "checking", done: "unchanged", color: "dim" },
  create: { sign: "+", plan: "create", doing: "creating", done: "created", color: "green" },
  update: { sign: "~", plan: "update", doing: "updating", done: "updated", color: "yellow" },
  delete: { sign: "-", plan: "delete", doing: "deleting", done: "deleted", color: "red" },
  replace: { sign: "±", plan: "replace", doing: "replacing", done: "replaced", color: "magenta" },
  "create-replacement": {
    sign: "+",
    plan: "create replacement",
    doing: "creating replacement",
    done: "created replacement",
    part: "Replacement of",
    color: "green",
  },
  "delete-replaced": {
    sign: "-",
    plan: "delete replaced",
    doing: "deleting replaced",
    done: "deleted replaced",
    part: "Replaced",
    color: "red",
  },
  read: { sign: ">", plan: "read", doing: "reading", done: "read", color: "cyan" },
  refresh: { sign: "~", plan: "refresh", doing: "refreshing", done: "refreshed", color: "cyan" },
  "discard-replaced": { sign: "<", plan: "discard", doing: "discarding", done: "discarded", color: "dim" },
  "remove-pending-replace": {
    sign: "-",
    plan: "forget",
    doing: "forgetting",
    done: "forgotten",
    color: "dim",
  },
};

/** Steps that leave everything as it is. */
export function isChange(op: StepOp): boolean {
  return op !== "same" && op !== "read" && op !== "refresh";
}

/** `5 to create, 1 to replace, 2 unchanged`, or in the past tense. */
export function summarize(changes: Partial<Record<StepOp, number>>, preview: boolean): string {
  const parts: string[] = [];
  for (const [op, words] of Object.entries(STEP_WORDS) as [StepOp, StepWords][]) {
    const n = changes[op];
    if (!n || op === "same") continue;
    const sign = words.sign.trim();
    parts.push(`${sign && `${sign} `}${n} ${preview && isChange(op) ? `to ${words.plan}` : words.done}`);
  }
  if (changes.same) parts.push(`${changes.same} unchanged`);
  return parts.join(", ");
}

/** What a refresh found: `1 changed, 1 gone, 2 unchanged`. */
export function summarizeFound({ update, delete: gone, same }: Partial<Record<StepOp, number>>): string {
  const parts = [update && `${update} changed`, gone && `${gone} gone`, same && `${same} unchanged`];
  return parts.filter(Boolean).join(", ");
}

export function changeCount(changes: Partial<Record<StepOp, number>>): number {
  return (Object.entries(changes) as [StepOp, number][]).reduce(
    (sum, [op, n]) => sum + (isChange(op) ? n : 0),
    0,
  );
}

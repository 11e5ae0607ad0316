import { readdirSync, readFileSync } from "node:fs";

/** The process alone, leaving those that it started to notice; or all of them in one moment. */
export type Reach = "alone" | "with all that it started";

/** `kill -9`; what has ended already is passed over. */
export function killProcess(pid: number, reach: Reach): void {
  const all = reach === "alone" ? [pid] : [pid, ...descendants(pid)];
  for (const each of all) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((it) => /^\d+$/.test(it))) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (of: number): number[] => (children.get(of) ?? []).flatMap((it) => [it, ...below(it)]);
  return below(pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

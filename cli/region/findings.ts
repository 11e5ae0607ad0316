import type { Doctor, Finding } from "../../provider/engine/doctor/finding";
import { consent, requireConsent } from "../consent";

export interface FixOptions {
  fix?: boolean;
  removeCutOff?: boolean;
  yes?: boolean;
  json?: boolean;
}

type Left = Awaited<ReturnType<Doctor["remove"]>>;

/** What a doctor has found, and what is told of it besides. */
export interface Examination {
  findings: readonly Finding[];
  /** Printed after the findings. */
  remarks?: string;
  /** What JSON has beside the findings; default: they stand alone. */
  more?: Record<string, unknown>;
}

/** Tells what a doctor finds, and has it remove what is asked for. Returns the exit code: 1 where something stays. */
export async function tellAndMend(
  doctor: Pick<Doctor, "remove">,
  examine: () => Promise<Examination>,
  options: FixOptions,
): Promise<number> {
  const mayRemove = (options.fix ?? false) || (options.removeCutOff ?? false);
  if (mayRemove) requireConsent(options);
  const { findings, remarks = "", more } = await examine();
  const chosen = findings.filter(({ removal }) => isChosen(removal, options));
  if (!options.json) process.stdout.write(report(findings, remarks, options));
  let left: Left = [];
  let isDone = false;
  if (chosen.length > 0 && (await consent(question(chosen), options))) {
    left = await doctor.remove(chosen);
    isDone = true;
  }
  const removed = isDone ? chosen.filter((one) => !left.some(({ finding }) => finding === one)) : [];
  if (options.json) {
    const rows = withOutcome(findings, removed, left);
    process.stdout.write(`${JSON.stringify(more ? { findings: rows, ...more } : rows, undefined, 2)}\n`);
  } else if (isDone) process.stdout.write(outcome(removed, left));
  return removed.length === findings.length && remarks === "" ? 0 : 1;
}

function isChosen(removal: Finding["removal"], { fix, removeCutOff }: FixOptions): boolean {
  return removal === "safe" ? !!fix : removal === "asked" && !!removeCutOff;
}

function report(findings: readonly Finding[], remarks: string, { fix }: FixOptions): string {
  if (findings.length === 0 && remarks === "") return "Everything is as it should be.\n";
  const lines = findings.map(({ says, record }) => `! ${says}${placeOf(record)}`);
  const safe = findings.filter(({ removal }) => removal === "safe").length;
  if (safe > 0 && !fix)
    lines.push("", `--fix removes ${safe} of ${findings.length}: what certainly nothing owns.`);
  if (lines.length > 0 && remarks !== "") lines.push("");
  return lines.map((line) => `${line}\n`).join("") + remarks;
}

function placeOf(record: Finding["record"]): string {
  if (!record) return "";
  const { account, region } = record;
  return account === undefined ? ` (region ${region})` : ` (account ${account} in region ${region})`;
}

function question(chosen: readonly Finding[]): string {
  return `Remove ${chosen.length === 1 ? "it" : `these ${chosen.length}`}: ${chosen.map(({ id }) => id).join(", ")}?`;
}

function outcome(removed: readonly Finding[], left: Left): string {
  const lines = left.map(({ finding, why }) => `! ${finding.id} stays: ${why}`);
  return [...lines, `Removed ${removed.length}.`].map((line) => `${line}\n`).join("");
}

function withOutcome(findings: readonly Finding[], removed: readonly Finding[], left: Left) {
  return findings.map((finding) => ({
    ...finding,
    removed: removed.includes(finding),
    stays: left.find((one) => one.finding === finding)?.why,
  }));
}

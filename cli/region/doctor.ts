import type { Command } from "commander";
import type { Doctor, Finding } from "../../provider/engine/doctor/finding";
import { action } from "../action";
import { withStack, withYes } from "../command-options";
import type { StackOptions } from "../command-options";

interface DoctorOptions extends StackOptions {
  fix?: boolean;
  removeCutOff?: boolean;
  yes?: boolean;
  json?: boolean;
}

type Left = Awaited<ReturnType<Doctor["remove"]>>;

export function addDoctor(program: Command): void {
  withYes(withStack(program.command("doctor")))
    .description("find what nothing owns and what is missing in the region, of all accounts; changes nothing")
    .option("--fix", "remove what certainly nothing owns; asks first")
    .option(
      "--remove-cut-off",
      "remove also what cut-off runs made and later ones made anew; a stack elsewhere might know it",
    )
    .option("-j, --json", "as JSON")
    .action(action(runDoctor));
}

async function runDoctor(options: DoctorOptions): Promise<number> {
  const { requireConsent, consent } = await import("../consent.js");
  const { withEngine } = await import("./open-lookups.js");
  const mayRemove = (options.fix ?? false) || (options.removeCutOff ?? false);
  if (mayRemove) requireConsent(options);
  return withEngine(options, async ({ doctor }) => {
    const findings = await doctor.examine();
    const chosen = findings.filter(({ removal }) => isChosen(removal, options));
    if (!options.json) process.stdout.write(report(findings, options));
    let left: Left = [];
    let isDone = false;
    if (chosen.length > 0 && (await consent(question(chosen), options))) {
      left = await doctor.remove(chosen);
      isDone = true;
    }
    const removed = isDone ? chosen.filter((one) => !left.some(({ finding }) => finding === one)) : [];
    if (options.json) process.stdout.write(asJson(findings, removed, left));
    else if (isDone) process.stdout.write(outcome(removed, left));
    return removed.length === findings.length ? 0 : 1;
  });
}

function isChosen(removal: Finding["removal"], { fix, removeCutOff }: DoctorOptions): boolean {
  return removal === "safe" ? !!fix : removal === "asked" && !!removeCutOff;
}

function report(findings: readonly Finding[], { fix }: DoctorOptions): string {
  if (findings.length === 0) return "Everything is as it should be.\n";
  const lines = findings.map(({ says, record }) => {
    const place =
      record?.account === undefined ? "" : ` (account ${record.account} in region ${record.region})`;
    return `! ${says}${place}`;
  });
  const safe = findings.filter(({ removal }) => removal === "safe").length;
  if (safe > 0 && !fix)
    lines.push("", `--fix removes ${safe} of ${findings.length}: what certainly nothing owns.`);
  return `${lines.join("\n")}\n`;
}

function question(chosen: readonly Finding[]): string {
  return `Remove ${chosen.length === 1 ? "it" : `these ${chosen.length}`}: ${chosen.map(({ id }) => id).join(", ")}?`;
}

function outcome(removed: readonly Finding[], left: Left): string {
  const lines = left.map(({ finding, why }) => `! ${finding.id} stays: ${why}`);
  return [...lines, `Removed ${removed.length}.`].map((line) => `${line}\n`).join("");
}

function asJson(findings: readonly Finding[], removed: readonly Finding[], left: Left): string {
  const rows = findings.map((finding) => ({
    ...finding,
    removed: removed.includes(finding),
    stays: left.find((one) => one.finding === finding)?.why,
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}

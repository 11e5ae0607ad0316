import type { Command } from "commander";
import { action } from "../action";
import { withPlan } from "./plan-options";
import type { PlanOptions } from "./plan-options";

export function addRegionApply(region: Command): void {
  withPlan(region.command("apply [file]"), "change")
    .description(
      "make a team's region what its file says (default region.yaml); shows what would change, and asks",
    )
    .action(action(runRegionApply));
}

async function runRegionApply(
  file: string | undefined,
  { preview, ...options }: PlanOptions,
): Promise<number> {
  const { requireConsent, consent } = await import("../consent.js");
  const { planApplication } = await import("../../provider/engine/region/plan-application.js");
  const path = file ?? "region.yaml";
  const plan = await planApplication(path);
  const { changes, refusals } = plan;
  const isToBeDone = changes.length > 0 && refusals.length === 0 && !preview;
  if (!options.json) {
    const { applicationText } = await import("./application-text.js");
    process.stdout.write(applicationText(plan, path));
  }
  if (isToBeDone) requireConsent(options);
  const isWanted =
    isToBeDone && (await consent(`Apply ${changes.length === 1 ? "it" : "all of it"}?`, options));
  if (isWanted) {
    const { applyRegion } = await import("../../provider/engine/region/apply-region.js");
    const sending = ({ path }: { path: string }) => process.stderr.write(`Sending ${path} …\n`);
    await applyRegion(plan, sending);
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ changes, refusals, applied: isWanted }, undefined, 2)}\n`);
  } else if (isWanted) process.stdout.write("Applied.\n");
  return refusals.length > 0 || (isToBeDone && !isWanted) ? 1 : 0;
}

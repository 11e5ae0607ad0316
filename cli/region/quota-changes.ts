import type { StepView } from "../../deployer/display/events";
import type { QuotaChange } from "../../deployer/display/markdown-plan";
import type { PropertyMap } from "../../deployer/wire/property-value";
import type { StackOptions } from "../command-options";
import { withLookups } from "./open-lookups";

const OF_IMAGES = /^pulumi-nodejs:dynamic\/images:(PrivateImage|ImageConversion|ImageReplica)$/;

/** How a plan changes the use of private images, by account and region; a replacement leaves it as it was. */
export async function quotaChanges(steps: StepView[], options: StackOptions): Promise<QuotaChange[]> {
  const added = new Map<string, { region: string; account: string; images: number }>();
  for (const step of steps) {
    const change = OF_IMAGES.test(step.type) ? countOf(step) : 0;
    const { region, account } = (step.new ?? step.old)?.inputs ?? {};
    if (change === 0 || typeof region !== "string" || typeof account !== "string") continue;
    const key = JSON.stringify([region, account]);
    const { images = 0 } = added.get(key) ?? {};
    added.set(key, { region, account, images: images + change });
  }
  const places = [...added.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
  if (places.length === 0) return [];
  return withLookups(options, (lookups) =>
    Promise.all(
      places.map(async ({ region, account, images }) => {
        const { used, limit } = (await lookups.quotas({ region, account })).privateImages;
        return { region, account, quota: "private images", used, after: used + images, limit };
      }),
    ),
  );
}

function countOf({ op, old }: StepView): number {
  if (op === "create") return 1;
  return op === "delete" && !old?.retainOnDelete && !isKept(old?.inputs) ? -1 : 0;
}

const isKept = (inputs: PropertyMap = {}): boolean => inputs["onDelete"] === "retain";

import { describe } from "../messages";
import type { DeviceMapping, ImageRecord } from "../model";
import type { Report } from "../requests";
import type { Run } from "./run";
import type { DataKeys } from "./sealing";

/** Gives each device of a replica the content of its source's, which then stands by itself. */
export async function replicateDevices(
  run: Run,
  replica: ImageRecord,
  source: ImageRecord,
  keys: DataKeys,
  report: Report,
): Promise<Pick<ImageRecord, "sizeBytes" | "checksum">> {
  const doing = `replicating ${describe("image", source)}`;
  const total = source.deviceMappings.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  let sizeBytes = 0;
  let checksum: string | undefined;
  for (const [index, to] of replica.deviceMappings.entries()) {
    const from = source.deviceMappings[index];
    if (!from) throw new Error(`${describe("image", source)} has no ${to.device}`);
    const progress = (done: number, of: number) =>
      report(doing, (before + (of > 0 ? (done / of) * to.size : to.size)) / total);
    const isFirst = index === 0;
    const content = isReady(from, keys)
      ? { ...(await run.disks.share(from.id, to.id)), checksum: source.checksum }
      : await run.disks.copy(from.id, to.id, { ...keys, checksum: isFirst, progress });
    sizeBytes += content.sizeBytes;
    if (isFirst) checksum = content.checksum;
    before += to.size;
    report(doing, before / total);
  }
  return { sizeBytes, checksum };
}

/** What stands by itself and isn't sealed never changes: a second name of it is as good as a copy. */
function isReady({ basedOn = [] }: DeviceMapping, { key, fromKey }: DataKeys): boolean {
  return basedOn.length === 0 && !key && !fromKey;
}

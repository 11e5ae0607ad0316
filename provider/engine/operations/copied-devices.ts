import { isDeepStrictEqual } from "node:util";
import type { ForeseenContent, Watch } from "../disks/disk-store";
import type { DeviceMapping, ImageRecord } from "../model";
import type { Foreseen } from "./recipe";
import type { Run } from "./run";
import type { DataKeys } from "./sealing";

/**
 * Gives each device of an image the content of its parent's. A device that has its parent's ID is held by both; one
 * that says to be based on the same layers, or on none as its parent's, is a second name of the same content unless
 * sealing comes between: what an image holds never changes. Any other is copied, and stands by itself.
 */
export async function copyDevices(
  run: Run,
  image: ImageRecord,
  parent: ImageRecord,
  keys: DataKeys,
  { report, signal }: { report: (fraction: number) => void; signal?: AbortSignal },
): Promise<Pick<ImageRecord, "sizeBytes" | "checksum">> {
  const total = image.deviceMappings.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  let sizeBytes = 0;
  let checksum: string | undefined;
  report(0);
  for (const [index, to] of image.deviceMappings.entries()) {
    const from = parent.deviceMappings[index];
    if (!from) throw new Error(`image ${parent.id} has no ${to.device}`);
    const isFirst = index === 0;
    const progress = (done: number, of: number) =>
      report((before + (of > 0 ? (done / of) * to.size : to.size)) / total);
    const watch = { progress, signal };
    const content = isSame(from, to, keys)
      ? { ...(await hold(run, from, to, watch)), checksum: parent.checksum }
      : await run.disks.copy(from.id, to.id, { ...keys, checksum: isFirst, ...watch });
    sizeBytes += content.sizeBytes;
    if (isFirst) checksum = content.checksum;
    before += to.size;
    report(before / total);
  }
  return { sizeBytes, checksum };
}

/** What `copyDevices` would make of a plain image, each device of which stands by itself. */
export async function foreseeDevices(
  run: Run,
  { region, account, encrypted, deviceMappings }: ImageRecord,
  parent: ImageRecord | undefined,
): Promise<Foreseen<"image"> | undefined> {
  if (!run.disks.foresee || encrypted || account === undefined) return undefined;
  if (!parent || parent.encrypted || parent.checksum === undefined) return undefined;
  const contents: ForeseenContent[] = [];
  for (const [index, { id }] of deviceMappings.entries()) {
    const from = parent.deviceMappings[index];
    if (!from || from.id === id || from.basedOn) return undefined;
    const content = await run.disks.foresee({ id, owner: { region, account }, from: from.id });
    if (!content) return undefined;
    contents.push(content);
  }
  const sizeBytes = contents.reduce((sum, content) => sum + content.sizeBytes, 0);
  return { contents, found: { sizeBytes, checksum: parent.checksum } };
}

function isSame(from: DeviceMapping, to: DeviceMapping, { key, fromKey }: DataKeys): boolean {
  return from.id === to.id || (!key && !fromKey && isDeepStrictEqual(from.basedOn ?? [], to.basedOn ?? []));
}

async function hold(
  run: Run,
  from: DeviceMapping,
  to: DeviceMapping,
  watch: Watch,
): Promise<{ sizeBytes: number }> {
  if (from.id !== to.id) return run.disks.share(from.id, to.id, watch);
  const found = await run.disks.stat(from.id);
  if (!found) throw new Error(`there is no disk ${from.id} in the store`);
  return found;
}

import type { ImageRecord, Kind, Kinds } from "../model";
import { capital, describe, list, nameInProgram, withArticle } from "./words";

export function creationIsDead(kind: Kind, id: string, name: string): string {
  return (
    `The creation of ${kind} ${name} (${id}) was cut off: its process has died. It counts for nothing, and the next ` +
    "run that writes clears it away."
  );
}

export function discardedContentStands(id: string): string {
  return `Disk ${id} belongs to nothing any more and still stands: the run that should have removed it was cut off.`;
}

export function contentHasNoRecord(id: string): string {
  return `Disk ${id} stands in the store, and no record names it.`;
}

export function contentIsOfNoOffer(id: string): string {
  return (
    `Disk ${id} stands in the store, and no image is offered with it: images region apply was cut off, or is at work. ` +
    "Where it is removed, applying the same file sends it anew."
  );
}

export function offeredMeanwhile(id: string): string {
  return `An image is offered with disk ${id} by now.`;
}

export function offeredDiskIsMissing(
  { id, name, visibility }: Pick<ImageRecord, "id" | "name" | "visibility">,
  lost: readonly string[],
): string {
  return (
    `${capital(visibility)} image ${name} (${id}) is offered with a disk that isn't in the store: ${list(lost)}. Bring it ` +
    "back from a backup of the bucket; or apply region.yaml without its diskFile, and with it again."
  );
}

export function temporaryFileLeft(path: string): string {
  return `${path} was left half-written by a process that has died.`;
}

export function strayStands(name: string): string {
  return `${name} belongs to no disk: the run that wrote it was cut off.`;
}

export function contentIsMissing(kind: Kind, record: Kinds[Kind], lost: readonly string[]): string {
  return (
    `${capital(describe(kind, record))} names ${lost.length === 1 ? "a disk that isn't" : "disks that aren't"} in the ` +
    `store: ${list(lost)}. Bring it back from a backup of the region, or delete the ${kind}.`
  );
}

export function keyIsLost(kind: Kind, record: Kinds[Kind], keyId: string): string {
  return (
    `${capital(describe(kind, record))} is sealed under master key ${keyId}, which is gone: it can't be read. Bring ` +
    `the key back from a backup, or delete the ${kind}.`
  );
}

export function creationWasCutOff(kind: Kind, record: Kinds[Kind], urn: string): string {
  return (
    `${capital(describe(kind, record))} was made for ${nameInProgram(urn)} (${urn}) by a run that was cut off, and ` +
    `that declaration has made ${withArticle(kind)} anew since: no stack is known to hold this one. To keep it, declare it ` +
    `with adoptId: "${record.id}"; it goes by --remove-cut-off.`
  );
}

export function namedMeanwhile(id: string): string {
  return `A record names disk ${id} by now.`;
}

import { describe } from "../messages";
import * as say from "../messages";
import type { ImageRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Maybe, ReplicaRequest } from "../requests";
import { alikeRule } from "../rules/adoption";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import { idOf, reach } from "./references";

/** Whether quick provisioning is asked for: as it stands, in an image taken over by its ID. */
export function quickOf(request: ReplicaRequest, standing: ImageRecord | undefined): Maybe<boolean> {
  const kept = request.adoptId !== undefined ? standing?.quickProvisioning : undefined;
  return request.quickProvisioning ?? kept ?? false;
}

/** Of what a replica is, anything but its settings needs another one. */
export function isAnotherCopy(request: ReplicaRequest, standing: ImageRecord | undefined): boolean {
  if (!standing) return false;
  const { encrypted, kmsKeyId } = request;
  return (
    (encrypted !== undefined && encrypted !== standing.encrypted) ||
    (kmsKeyId !== undefined && kmsKeyId !== standing.kmsKeyId) ||
    quickOf(request, standing) !== (standing.quickProvisioning ?? false)
  );
}

/** Whether a record is the replica that the request asks for; UNKNOWN where that can't be told yet. */
export async function matches(
  facts: FactReader,
  request: ReplicaRequest,
  record: DraftOf<"image">,
): Promise<Maybe<boolean>> {
  if (!request.image) return false;
  const image = await reach(facts, "image", request.image);
  const id = idOf(image);
  const { source, encrypted } = record as ImageRecord;
  if (!isKnown(id)) return UNKNOWN;
  if (!isReplicaOf(source, id)) return false;
  const wanted = request.encrypted ?? image.record?.encrypted ?? UNKNOWN;
  const stated = [wanted, request.kmsKeyId, request.quickProvisioning];
  if (stated.includes(UNKNOWN)) return UNKNOWN;
  return wanted === encrypted && !isAnotherCopy(request, record as ImageRecord);
}

/** What the program states of an image that it takes over, against what the image is. */
export function unlike(
  request: ReplicaRequest,
  image: Reached<"image"> | undefined,
  standing: ImageRecord,
): Violation[] {
  const described = describe("image", standing);
  const { source, encrypted, kmsKeyId, quickProvisioning = false } = standing;
  const isReplica = source !== undefined && isReplicaOf(source, source.id);
  return [
    ...(image && !isReplica
      ? [say.notMadeSo(described, "a replica")]
      : alikeRule("imageId", described, source?.id, image && idOf(image))),
    ...alikeRule("encrypted", described, String(encrypted), text(request.encrypted)),
    ...alikeRule("kmsKeyId", described, kmsKeyId, request.kmsKeyId),
    ...alikeRule("quickProvisioning", described, String(quickProvisioning), text(request.quickProvisioning)),
  ];
}

/** A conversion is made of an image as well. */
function isReplicaOf(source: ImageRecord["source"], id: string): boolean {
  return source?.type === "image" && source.conversion !== true && source.id === id;
}

function text(stated: Maybe<boolean> | undefined): Maybe<string> | undefined {
  return typeof stated === "boolean" ? String(stated) : stated;
}

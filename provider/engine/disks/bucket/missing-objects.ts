import type { KeyOwner } from "../../keys/key-service";
import type { Bucket } from "../../s3/bucket";
import type { ContentIndex } from "./content-index";
import type { ContentObjects } from "./content-objects";

/** IDs of the owners' contents that read from objects which aren't in the bucket (any more). */
export async function missingObjects(
  bucket: Bucket,
  index: ContentIndex,
  objects: ContentObjects,
  owners: readonly KeyOwner[],
): Promise<string[]> {
  // Before the bucket: an object comes before its content is whole.
  const wanted = new Map<string, string>();
  for (const entry of await index.list()) {
    if (entry.state === "whole" && entry.object) {
      wanted.set(entry.id, objects.keyOf({ ...entry, objectId: entry.object.objectId }));
    }
  }
  const standing = new Set<string>();
  for (const prefix of owners.map((owner) => objects.prefixOf(owner)))
    for await (const key of bucket.keys(prefix)) standing.add(key);
  const missing: string[] = [];
  for (const [id, key] of wanted) {
    if (standing.has(key) || (await bucket.range(key, 0, 1))) continue;
    // It may have been removed by those whose it was, meanwhile.
    if ((await index.find(id))?.state === "whole") missing.push(id);
  }
  return missing;
}

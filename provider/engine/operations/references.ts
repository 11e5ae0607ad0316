import { declaredBy, get } from "../records";
import type { Kind } from "../model";
import type { FactReader } from "../records";
import { isKnown } from "../requests";
import type { Maybe, Reference } from "../requests";
import type { Reached } from "../rules/sources";

/** Follows a reference: by its ID, else to what its declaration makes in this run or has made before. */
export async function reach<K extends Kind>(
  facts: FactReader,
  kind: K,
  reference: Reference,
): Promise<Reached<K>> {
  const { id } = reference;
  const property = `${kind}Id`;
  if (isKnown(id)) return { property, kind, id, record: await get(facts, kind, id) };
  if (reference.declaredBy === undefined) return { property, kind, id };
  const record = (await declaredBy(facts, kind, reference.declaredBy)).at(-1);
  return { property, kind, id, record };
}

/** The ID that a reference means, a planned one included. */
export function idOf(reached: Reached<Kind>): Maybe<string> {
  return reached.record?.id ?? reached.id;
}

/** Whether an image is shared with an account. */
export async function isMember(
  facts: FactReader,
  image: Reached<"image">,
  account: Maybe<string>,
): Promise<boolean> {
  if (image.record?.visibility !== "private" || image.record.account === account) return false;
  const shares = await facts.sharesOfImage(image.record.id);
  return shares.some((share) => share.memberId === account);
}

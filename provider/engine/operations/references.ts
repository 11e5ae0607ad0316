import type { CatalogTransaction } from "../catalog/catalog";
import type { Kind } from "../model";
import type { FactReader } from "../records";
import { isKnown, stackOf } from "../requests";
import type { Maybe, Reference } from "../requests";
import type { Reached } from "../rules/sources";
import type { Declared } from "./recipe";

/** Follows a reference: by its ID, else to what its declaration makes in this run or has made before. */
export async function reach<K extends Kind>(
  facts: FactReader,
  kind: K,
  reference: Reference,
): Promise<Reached<K>> {
  const { id } = reference;
  const property = `${kind}Id`;
  if (isKnown(id)) return { property, kind, id, record: await facts.get(kind, id) };
  if (reference.declaredBy === undefined) return { property, kind, id };
  const record = (await facts.declaredBy(kind, reference.declaredBy)).at(-1);
  return { property, kind, id, record };
}

/** Asks ahead for what a creation will ask: all of it in one round trip, where the transaction remembers it. */
export function askAhead(tx: CatalogTransaction, kind: Kind, request: Declared): void {
  if (!tx.remembers) return;
  const { declaredBy: urn, region, account } = request.declaration;
  const asked: Promise<unknown>[] = [tx.declaredBy(kind, urn)];
  for (const named of namedIn(kind, request)) asked.push(tx.get(named.kind, named.id));
  if (kind === "image" && isKnown(region) && isKnown(account))
    asked.push(tx.privateImageCount(region, account));
  // Whoever asks again hears of a failure.
  for (const each of asked) each.catch(() => undefined);
}

/** What a request names by ID alone: not what a declaration of its own stack made, which is read as a whole. */
export function elsewhere(kind: Kind, request: Declared): Named[] {
  const ofStack = stackOf(request.declaration.declaredBy);
  return namedIn(kind, request).filter(({ by }) => by === undefined || stackOf(by) !== ofStack);
}

/** A record that a request names; `by`: the URN of what declares it, where the program shows that. */
interface Named {
  kind: Kind;
  id: string;
  by?: string;
}

function namedIn(kind: Kind, request: Declared): Named[] {
  const { adoptId, ...stated } = request as Declared & Partial<Record<Kind, Reference>>;
  const named: Named[] = [];
  if (adoptId !== undefined && isKnown(adoptId)) named.push({ kind, id: adoptId });
  for (const of of ["image", "instance", "volume"] as const) {
    const { id, declaredBy: by } = stated[of] ?? {};
    if (id !== undefined && isKnown(id)) named.push({ kind: of, id, by });
  }
  return named;
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

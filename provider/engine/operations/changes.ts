import type { CatalogTransaction } from "../catalog/catalog";
import { killPoint } from "../kill-points";
import * as say from "../messages";
import { contentsOf } from "../records";
import type { Kind, Kinds, OnDelete } from "../model";
import { isKnown } from "../requests";
import type { RemoveOptions } from "../engine";
import { deletableRule, finishedRule, holderRule, notBeingFrozenRule, ownerRule } from "../rules/deletion";
import { Fault, ViolationError } from "../violation";
import { keeping, whole } from "./creation";
import type { Declared, Recipe } from "./recipe";
import type { Run } from "./run";

/** What stands and what the request makes of it, judged within the transaction. */
export async function judgeChange<K extends Kind, Request extends Declared, From>(
  recipe: Recipe<K, Request, From>,
  tx: CatalogTransaction,
  id: string,
  request: Request,
): Promise<{ standing: Kinds[K]; changed: Kinds[K]; from?: From }> {
  const { kind } = recipe;
  const { declaration } = request;
  const standing = await tx.get(kind, id);
  if (!standing) throw new ViolationError([say.gone(`The ${kind} ${id}`)]);
  const account = isKnown(declaration.account) ? declaration.account : undefined;
  const { violations, draft, from } = await recipe.assess(tx, request, keeping(standing, declaration));
  const all = [
    ...ownerRule(kind, standing, account, "change"),
    ...holderRule(kind, standing, declaration.creationToken),
    ...violations,
  ];
  if (all.length > 0) throw new ViolationError(all);
  return { standing, changed: whole(recipe, draft, declaration), from };
}

/** What stands; with `asAccount`, only where that account sees it: its own, and what is shared with it. */
export async function read<K extends Kind>(
  run: Run,
  kind: K,
  id: string,
  asAccount?: string,
): Promise<Kinds[K] | undefined> {
  run.foresee(kind, id);
  const plan = await run.plan();
  const record = await plan.read(kind, id);
  // A refresh goes on with all of the stack.
  if (asAccount === undefined) await plan.begin(record?.origin?.declaredBy);
  if (!record || asAccount === undefined) return record;
  const { account }: { account?: string } = record;
  if (account === undefined || account === asAccount) return record;
  if ("memberId" in record) return record.memberId === asAccount ? record : undefined;
  const shares = kind === "image" ? await plan.presentFacts.sharesOfImage(id) : [];
  return shares.some(({ memberId }) => memberId === asAccount) ? record : undefined;
}

/** Changes a record in place. */
export async function update<K extends Kind, Request extends Declared>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  id: string,
  request: Request,
): Promise<Kinds[K]> {
  await run.beforeWrite();
  const plan = await run.plan();
  const { kind } = recipe;
  try {
    const record = await run.catalog.transaction(async (tx) => {
      const { changed } = await judgeChange(recipe, tx, id, request);
      return tx.update(kind, id, changed);
    });
    plan.changed(kind, record);
    return record;
  } catch (error) {
    plan.unchanged(kind, id);
    throw asFault(`Changing ${recipe.noun} ${id}`, error);
  }
}

/** Deletes a record, and the contents that nothing else names. What is gone already is no failure. */
export async function remove<K extends Kind>(
  run: Run,
  kind: K,
  id: string,
  { onDelete = "refuse", account, creationToken }: RemoveOptions = {},
): Promise<void> {
  await run.beforeWrite();
  const plan = await run.plan();
  const done: { kept?: Kinds[K]; removed?: Kinds[K]; cancelled: Kinds["share"][]; freed: string[] } =
    await run.catalog.transaction(async (tx) => {
      const record = await tx.get(kind, id);
      if (!record) return { cancelled: [], freed: [] };
      const violations = [...ownerRule(kind, record, account, "delete"), ...finishedRule(kind, record)];
      if (kind === "instance") {
        const running = await tx.runningFullImages(id);
        violations.push(...notBeingFrozenRule(record as Kinds["instance"], running));
      }
      if (violations.length > 0) throw new ViolationError(violations);
      if (creationToken !== undefined && holderRule(kind, record, creationToken).length > 0) {
        return { kept: record, cancelled: [], freed: [] };
      }
      if (onDelete === "retain") {
        const undeclared = { origin: undefined } as Partial<Kinds[K]>;
        return { kept: await tx.update(kind, id, undeclared), cancelled: [], freed: [] };
      }
      const cancelled = kind === "image" ? await cancelShares(tx, record as Kinds["image"], onDelete) : [];
      await tx.delete(kind, id);
      const freed = await tx.discardDisks(contentsOf(kind, record));
      return { removed: record, cancelled, freed };
    });
  if (done.kept) plan.changed(kind, done.kept);
  else if (done.removed) plan.removed(kind, done.removed);
  else plan.gone(kind, id);
  for (const share of done.cancelled) plan.removed("share", share);
  killPoint("deleted");
  for (const content of done.freed) {
    await run.disks.remove(content);
    killPoint("content-removed");
  }
}

/** Throws what stands in the way; returns the shares that go with the image. */
async function cancelShares(
  tx: CatalogTransaction,
  image: Kinds["image"],
  onDelete: OnDelete,
): Promise<Kinds["share"][]> {
  const shares = await tx.sharesOfImage(image.id);
  const running = {
    conversions: await tx.runningConversions(image.id),
    exports: await tx.runningExports(image.id),
  };
  const violations = deletableRule(image, shares, running, onDelete);
  if (violations.length > 0) throw new ViolationError(violations);
  for (const share of shares) await tx.delete("share", share.id);
  return [...shares];
}

export function asFault(doing: string, error: unknown): Error {
  return ViolationError.is(error) || Fault.is(error) ? error : new Fault(doing, { cause: error });
}

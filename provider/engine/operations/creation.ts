import type { CatalogTransaction } from "../catalog/catalog";
import { killPoint } from "../kill-points";
import { nameInProgram } from "../messages";
import type { Kind, Kinds, Origin } from "../model";
import { plannedId } from "../records";
import type { DraftOf } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Report } from "../engine";
import type { Checked } from "../facts";
import type { Declaration } from "../requests";
import { timeoutsRule } from "../rules/timeouts";
import { Fault, ViolationError } from "../violation";
import { fill } from "./filling";
import { newId } from "./ids";
import type { IdPrefix } from "./ids";
import type { Declared, Recipe, Role } from "./recipe";
import { askAhead, elsewhere } from "./references";
import { replacementViolations } from "./replacement";
import type { Run } from "./run";
import { findStanding } from "./standing";

export function check<K extends Kind, Request extends Declared, Facts>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  request: Request,
  factsOf: (draft: DraftOf<K>) => Facts,
): Promise<Checked<Facts>> {
  const { kind } = recipe;
  const { declaration } = request;
  const urn = declaration.declaredBy;
  for (const named of elsewhere(kind, request)) run.foresee(named.kind, named.id);
  return run.inTurn(async () => {
    const plan = await run.plan(urn);
    const base = {
      id: plannedId(urn),
      contentId: plannedContents(urn),
      origin: originOf(declaration),
      isMadeHere: (record: DraftOf<Kind>) => plan.isMadeHere(record),
    };
    if (declaration.oldToken !== undefined) {
      const known = await plan.recognise(kind, declaration);
      if (known) run.seen(known);
      // Elsewhere it is another thing, and judged as one that is to be made.
      const standing = known && !isAnother(request, known) ? known : undefined;
      const role: Role<K> = standing ? keeping(standing, declaration) : { ...base, as: "keep" };
      const { violations, draft, replaced } = await recipe.assess(plan.facts, request, role);
      violations.push(...timeoutsRule(declaration.timeouts));
      if (standing && !replaced) plan.change(kind, urn, draft);
      return known
        ? { violations, facts: factsOf(draft) }
        : { violations: [], facts: factsOf(draft), gone: true };
    }
    await plan.withdraw(kind, declaration);
    const found = await findStanding(run, recipe, plan.facts, request);
    const replaces = plan.replacedBy(urn);
    const stays = replaces !== undefined && !plan.isGivenBack(replaces);
    const assessed = await recipe.assess(plan.facts, request, {
      ...base,
      as: found.as,
      standing: found.record,
      id: found.record?.id ?? base.id,
      replaces: stays ? plan.find(kind, replaces) : undefined,
    });
    const replacement = await replacementViolations(plan.presentFacts, plan, kind, urn);
    const violations = [
      ...found.violations,
      ...replacement,
      ...assessed.violations,
      ...timeoutsRule(declaration.timeouts),
    ];
    plan.intend(kind, urn, assessed.draft, { refused: violations.length > 0 });
    return { violations, facts: factsOf(assessed.draft) };
  });
}

export async function create<K extends Kind, Request extends Declared>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  request: Request,
  report: Report = () => undefined,
): Promise<Kinds[K]> {
  await run.beforeWrite();
  const line = recipe.line?.(request);
  const work = () => createNow(run, recipe, request, report);
  return line === undefined ? work() : run.inLine(line, work);
}

async function createNow<K extends Kind, Request extends Declared>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  request: Request,
  report: Report,
): Promise<Kinds[K]> {
  const plan = await run.plan();
  const { kind } = recipe;
  const urn = request.declaration.declaredBy;
  const id = newId(recipe.idPrefix);
  plan.placing(id);
  try {
    let isFirst = true;
    const place = await run.catalog.transaction((tx) => {
      // What was foreseen and refused is for the disk store to look at; keys may have changed since they were listed.
      const foresees = isFirst;
      if (!isFirst) run.forgetKeys();
      isFirst = false;
      return takePlace(run, recipe, request, tx, { id, foresees });
    });
    plan.created(kind, urn, place.record);
    killPoint(place.finish ? "placed" : "finished");
    if (!place.finish) return place.record;
    const done = await place.finish(report);
    killPoint("finished");
    plan.created(kind, urn, done);
    return done;
  } catch (error) {
    plan.failed(kind, urn, id);
    if (ViolationError.is(error) || Fault.is(error)) throw error;
    throw new Fault(`Creating ${recipe.noun} ${nameInProgram(urn)}`, { cause: error });
  }
}

interface Place<K extends Kind> {
  record: Kinds[K];
  /** The disk work that is left to do. */
  finish?(report: Report): Promise<Kinds[K]>;
}

/** The transaction that judges again and takes the place, or takes over what stands. */
async function takePlace<K extends Kind, Request extends Declared>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  request: Request,
  tx: CatalogTransaction,
  { id, foresees }: { id: string; foresees: boolean },
): Promise<Place<K>> {
  const plan = await run.plan();
  const { kind } = recipe;
  const { declaration } = request;
  askAhead(tx, kind, request);
  const found = await findStanding(run, recipe, tx, request);
  const replaces = plan.replacedBy(declaration.declaredBy);
  const replaced = replaces === undefined ? undefined : await tx.get(kind, replaces);
  const { violations, draft, from } = await recipe.assess(tx, request, {
    as: found.as,
    standing: found.record,
    id: found.record?.id ?? id,
    origin: originOf(declaration),
    contentId: newId,
    replaces: replaced,
    isMadeHere: () => false,
  });
  const replacement = await replacementViolations(tx, plan, kind, declaration.declaredBy);
  const all = [...found.violations, ...replacement, ...violations];
  if (all.length > 0) throw new ViolationError(all);
  // However this run ends, what it replaces is then no cut-off creation.
  if (replaced?.origin?.seen === false) {
    const origin = { ...replaced.origin, seen: true };
    await tx.update(kind, replaced.id, { origin } as Partial<Kinds[K]>);
  }
  const record = whole(recipe, draft, declaration);
  if (found.record) return { record: await tx.update(kind, found.record.id, record) };
  const isLast = true;
  if (!recipe.fill) return { record: await tx.insert(kind, record, { isLast }) };
  const foreseen = foresees ? await recipe.foresee?.(record, from) : undefined;
  if (foreseen) {
    const done = { ...record, ...foreseen.found, scratch: undefined };
    return { record: await tx.insert(kind, done, { contents: foreseen.contents, isLast }) };
  }
  const creating = await tx.insert(kind, { ...record, status: "creating" }, { isLast });
  const status = "status" in record ? { status: record.status } : {};
  return {
    record: creating,
    finish: (report) => fill(run, recipe, creating, { status, from, declaration, report }),
  };
}

/** A record that the state knows keeps its token, under whatever name the program has for it by now. */
export function keeping<K extends Kind>(standing: Kinds[K], declaration: Declaration): Role<K> {
  const { declaredBy, creationToken } = declaration;
  const origin = standing.origin ?? { creationToken, seen: false };
  return {
    as: "keep",
    standing,
    id: standing.id,
    origin: { ...origin, declaredBy },
    contentId: newId,
    isMadeHere: () => false,
  };
}

/** Whether the request says place or ID of a thing other than the one that stands. */
function isAnother({ declaration, adoptId }: Declared, standing: Kinds[Kind]): boolean {
  const { region, account } = declaration;
  const adoptsAnother = adoptId !== undefined && isKnown(adoptId) && adoptId !== standing.id;
  return region !== standing.region || account !== standing.account || adoptsAnother;
}

/** Each content of what is planned counts. */
function plannedContents(urn: string): (prefix: IdPrefix) => string {
  let count = 0;
  return (prefix) => `${plannedId(urn)}/${prefix}-${++count}`;
}

function originOf({ declaredBy, creationToken }: Declaration): Origin {
  return { declaredBy, creationToken, seen: false };
}

/** By the catalogue, or in the making: the account's default key is made at its first need. */
const GIVEN_LATER = new Set(["createdAt", "sequence", "kmsKeyId"]);

/** At create all else is known, unless a caller left it out. */
export function whole<K extends Kind>(
  recipe: { noun: string },
  draft: DraftOf<K>,
  declaration: Declaration,
): Kinds[K] {
  const fields = Object.entries(draft);
  const unknown = fields.find(([field, value]) => value === UNKNOWN && !GIVEN_LATER.has(field));
  if (unknown) {
    throw new Fault(`Creating ${recipe.noun} ${nameInProgram(declaration.declaredBy)}`, {
      says: `its ${unknown[0]} isn't known yet`,
    });
  }
  return Object.fromEntries(fields.filter(([, value]) => value !== UNKNOWN)) as unknown as Kinds[K];
}

import type { CatalogTransaction } from "../catalog/catalog";
import { killPoint } from "../kill-points";
import { nameInProgram } from "../messages";
import type { Origin } from "../model";
import { contentsOf, declaredBy, get, plannedId, writers } from "../records";
import type { DraftOf, FactReader, Kind, Kinds } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Checked, Declaration, Maybe, Report } from "../requests";
import { adoptableRule } from "../rules/adoption";
import { Fault, ViolationError } from "../violation";
import type { Violation } from "../violation";
import { newId } from "./ids";
import type { IdPrefix } from "./ids";
import { replacementViolations } from "./replacement";
import type { Run } from "./run";

export interface Declared {
  declaration: Declaration;
  adoptId?: Maybe<string>;
}

/** In what role a request is looked at. */
export interface Role<K extends Kind> {
  /** `create`: takes a place; `adopt`: takes over what stands; `keep`: the state knows it. */
  as: "create" | "adopt" | "keep";
  /** What stands. Absent for a record to adopt that isn't known yet, or one to keep that is gone or will be replaced. */
  standing?: Kinds[K];
  id: string;
  origin: Origin;
  contentId(prefix: IdPrefix): string;
  /** What it replaces, where that stands until it is made. */
  replaces?: Kinds[K];
  /** Made by this run, not by another that runs at the same time. */
  isMadeHere(record: DraftOf<Kind>): boolean;
}

/** What a request amounts to: everything wrong with it, and the record that it will be. */
export interface Assessment<K extends Kind, From = string> {
  violations: Violation[];
  draft: DraftOf<K>;
  /** What it is filled from: the ID of a disk content, where the recipe needs no more. */
  from?: From;
  /** In role `keep`: the source differs, so that the resource will be replaced and what stands stays as it is. */
  replaced?: boolean;
}

/** What the creation of one kind of resource consists of. */
export interface Recipe<K extends Kind, Request extends Declared, From = string> {
  kind: K;
  /** "image", "conversion": for messages. */
  noun: string;
  idPrefix: IdPrefix;
  assess(facts: FactReader, request: Request, role: Role<K>): Promise<Assessment<K, From>>;
  /** Something that stands undeclared, or that this very declaration made and the state forgot, and is all that is asked for. */
  twin?(facts: FactReader, request: Request): Promise<DraftOf<K> | undefined>;
  /** Whether a record of the same declaration is what the request asks for; UNKNOWN where that can't be told yet. */
  matches(facts: FactReader, request: Request, record: DraftOf<K>): Promise<Maybe<boolean>>;
  /** Disk work between taking the place and being done; returns what it found out. */
  fill?(record: Kinds[K], from: From | undefined, report: Report): Promise<Partial<Kinds[K]>>;
  /** Further writes of the transaction that says it is done. `record`: as it was while being made. */
  settle?(tx: CatalogTransaction, record: Kinds[K], from: From | undefined): Promise<Settled | undefined>;
  /** Creations with the same line run one after another. */
  line?(request: Request): string | undefined;
}

/** What changed together with a record's being done. */
export interface Settled {
  instance: Kinds["instance"];
  /** Contents that the instance no longer names. */
  released: string[];
}

interface Standing<K extends Kind> {
  as: "create" | "adopt";
  record?: Kinds[K];
  violations: Violation[];
}

export function check<K extends Kind, Request extends Declared, Facts>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  request: Request,
  factsOf: (draft: DraftOf<K>) => Facts,
): Promise<Checked<Facts>> {
  return run.inTurn(async () => {
    const plan = await run.plan();
    const { kind } = recipe;
    const { declaration } = request;
    const urn = declaration.declaredBy;
    const base = {
      id: plannedId(urn),
      contentId: plannedContents(urn),
      origin: originOf(declaration),
      isMadeHere: (record: DraftOf<Kind>) => plan.isMadeHere(record),
    };
    if (declaration.oldToken !== undefined) {
      const known = plan.recognise(kind, declaration);
      if (known) run.seen(known);
      // Elsewhere it is another thing, and judged as one that is to be made.
      const standing = known && !isAnother(request, known) ? known : undefined;
      const role: Role<K> = standing ? keeping(standing, declaration) : { ...base, as: "keep" };
      const { violations, draft, replaced } = await recipe.assess(plan.facts, request, role);
      if (standing && !replaced) plan.change(kind, urn, draft);
      return known
        ? { violations, facts: factsOf(draft) }
        : { violations: [], facts: factsOf(draft), gone: true };
    }
    plan.withdraw(kind, declaration);
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
    const violations = [...found.violations, ...replacement, ...assessed.violations];
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
  try {
    const place = await run.catalog.transaction((tx) => takePlace(run, recipe, request, tx, id));
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
  id: string,
): Promise<Place<K>> {
  const plan = await run.plan();
  const { kind } = recipe;
  const { declaration } = request;
  const found = await findStanding(run, recipe, tx, request);
  const replaces = plan.replacedBy(declaration.declaredBy);
  const replaced = replaces === undefined ? undefined : await get(tx, kind, replaces);
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
    await writers[kind].update(tx, replaced.id, { origin } as Partial<Kinds[K]>);
  }
  const record = whole(recipe, draft, declaration);
  if (found.record) return { record: await writers[kind].update(tx, found.record.id, record) };
  if (!recipe.fill) return { record: await writers[kind].insert(tx, record) };
  const creating = await writers[kind].insert(tx, { ...record, status: "creating" });
  const status = "status" in record ? { status: record.status } : {};
  return { record: creating, finish: (report) => fill(run, recipe, creating, status, from, report) };
}

/** What the request takes over instead of making: the record it names, or a creation that an earlier run was cut off from. */
async function findStanding<K extends Kind, Request extends Declared>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  facts: FactReader,
  request: Request,
): Promise<Standing<K>> {
  const plan = await run.plan();
  const { kind } = recipe;
  const { declaration, adoptId } = request;
  const urn = declaration.declaredBy;
  if (adoptId !== undefined) {
    if (!isKnown(adoptId)) return { as: "adopt", violations: [] };
    // Nothing planned has an ID that a program could name.
    const record = (await get(facts, kind, adoptId)) as Kinds[K] | undefined;
    const { region, account } = declaration;
    const shares = kind === "image" ? await facts.sharesOfImage(adoptId) : [];
    const isMember = shares.some((share) => share.memberId === account);
    const replaces = plan.replacedBy(urn);
    const violations = adoptableRule(kind, {
      id: adoptId,
      record,
      declaredBy: urn,
      region,
      account,
      isMember,
      replaces,
    });
    return { as: "adopt", record: violations.length === 0 ? record : undefined, violations };
  }
  for (const record of [...(await declaredBy(facts, kind, urn))].reverse()) {
    const { origin } = record;
    if (!origin || !isKnown(origin) || origin.seen || plan.isTaken(origin.creationToken)) continue;
    if (record.id === plannedId(urn) || ("status" in record && record.status === "creating")) continue;
    const matches = await recipe.matches(facts, request, record);
    if (matches === UNKNOWN) return { as: "adopt", violations: [] };
    if (matches) return { as: "adopt", record: record as Kinds[K], violations: [] };
  }
  const twin = await recipe.twin?.(facts, request);
  if (twin) return { as: "adopt", record: twin as Kinds[K], violations: [] };
  return { as: "create", violations: [] };
}

/** Fills the contents of a record that has its place; leaves nothing where that fails. */
async function fill<K extends Kind>(
  run: Run,
  recipe: Recipe<K, never, unknown>,
  record: Kinds[K],
  status: object,
  from: unknown,
  report: Report,
): Promise<Kinds[K]> {
  const { kind } = recipe;
  let done: { record: Kinds[K]; settled?: Settled; freed: string[] };
  try {
    const found = await recipe.fill?.(record, from, report);
    killPoint("filled");
    done = await run.catalog.transaction(async (tx) => {
      const cleared = scratchOf(record) ? { scratch: undefined } : {};
      const changes = { ...found, ...status, ...cleared } as Partial<Kinds[K]>;
      const whole = await writers[kind].update(tx, record.id, changes);
      const settled = await recipe.settle?.(tx, record, from);
      const unnamed = [...(scratchOf(record) ?? []), ...(settled?.released ?? [])];
      const freed = unnamed.length > 0 ? await tx.discardDisks(unnamed) : [];
      return { record: whole, settled, freed };
    });
  } catch (error) {
    const left = await undo(run, recipe, record);
    if (left === undefined) throw error;
    throw new Fault(`Creating ${recipe.noun} ${record.id}`, { cause: error, left });
  }
  if (done.settled) (await run.plan()).changed("instance", done.settled.instance);
  await run.removeDiscarded(done.freed);
  return done.record;
}

async function undo<K extends Kind>(
  run: Run,
  recipe: Recipe<K, never, unknown>,
  record: Kinds[K],
): Promise<string | undefined> {
  try {
    const freed = await run.catalog.transaction(async (tx) => {
      await writers[recipe.kind].delete(tx, record.id);
      return tx.discardDisks(contentsOf(recipe.kind, record));
    });
    for (const id of freed) await run.disks.remove(id);
    return undefined;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return `The half-made ${recipe.noun} ${record.id} is left, for the next run to clear away (${says})`;
  }
}

function scratchOf(record: Kinds[Kind]): string[] | undefined {
  return "scratch" in record ? record.scratch : undefined;
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

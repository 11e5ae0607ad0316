import type { CatalogSnapshot } from "./catalog/catalog";
import { around, lineageGraph } from "./lineage/graph";
import type { LineageGraph } from "./lineage/graph";
import { describe } from "./messages";
import * as say from "./messages";
import type { ImageRecord } from "./model";
import type { Run } from "./operations/run";
import type { Plan } from "./plan";
import type { Place } from "./scope";
import type { ImageFilter, Lookups, QuotaUse, VisibleImage } from "./engine";
import { ViolationError } from "./violation";

type IdFilter = ImageFilter & { id?: string };

const NONE_SHARED: ReadonlySet<string> = new Set();

/** Lookups see what the catalogue holds, this run's finished work included, and nothing that is only planned. */
export function lookups(run: Run, defaults: Place): Lookups {
  const placeOf = ({ region, account }: Partial<Place>): Place => {
    // What a lookup is given is known.
    const place = run.scopes.placeOf({ region, account }, defaults) as Place;
    const { violations } = run.scopes.settle(place);
    if (violations.length > 0) throw new ViolationError(violations);
    return place;
  };
  return {
    image: async (filter) => one(run, placeOf(filter), filter),
    images: async (filter) => matching(run, placeOf(filter), filter),
    quotas: async (scope) => quotaUse(run, await run.plan(), placeOf(scope)),
    lineage: async ({ of, ...scope }) => lineage(await (await run.plan()).everything(), placeOf(scope), of),
  };
}

async function one(run: Run, place: Place, filter: IdFilter): Promise<VisibleImage> {
  const matches = await matching(run, place, filter);
  const [first] = matches;
  if (first && (matches.length === 1 || filter.mostRecent)) return first;
  const criteria = criteriaOf(place, filter);
  const property = filter.id !== undefined ? "id" : filter.nameRegex !== undefined ? "nameRegex" : "name";
  if (first)
    throw new ViolationError([
      say.severalMatch(
        property,
        criteria,
        matches.map(({ image }) => image),
      ),
    ]);
  const wanted = filter.id ?? filter.name ?? filter.nameRegex ?? "";
  const visible = await allVisible(run, place);
  const near = nearest(
    wanted,
    visible.map(({ image }) => image),
  );
  throw new ViolationError([
    say.nothingMatches(
      property,
      criteria,
      near.map((image) => describe("image", image)),
      visible.length,
    ),
  ]);
}

async function matching(run: Run, place: Place, filter: IdFilter): Promise<VisibleImage[]> {
  const pattern = patternOf(filter.nameRegex);
  const visible = await candidates(run, place, filter);
  return visible
    .filter(
      ({ image, visibility }) =>
        (filter.id === undefined || image.id === filter.id) &&
        (filter.name === undefined || image.name === filter.name) &&
        (!pattern || pattern.test(image.name)) &&
        (filter.visibility === undefined || visibility === filter.visibility) &&
        (filter.architecture === undefined || image.architectures.includes(filter.architecture)) &&
        Object.entries(filter.tags ?? {}).every(([key, value]) => image.tags[key] === value),
    )
    .sort(newestFirst);
}

/** What may match: found by index where the filter names what there are few of, else all that the account sees. */
async function candidates(run: Run, place: Place, filter: IdFilter): Promise<VisibleImage[]> {
  const { id, name, tags = {}, visibility } = filter;
  if (visibility === "public" || visibility === "marketplace") return offered(run, place);
  if (id !== undefined) return withId(run, place, id);
  if (name === undefined && Object.keys(tags).length === 0) return allVisible(run, place);
  // What this run has done is in the catalogue: nothing of the plan is needed.
  const found = await run.catalog.findImages(place, { name, tags });
  const shared = new Set(found.map((image) => image.id));
  return [...offered(run, place), ...found.flatMap((image) => visibleTo(place, image, shared))];
}

function offered(run: Run, place: Place): VisibleImage[] {
  return run.catalog.offeredImages.flatMap((image) => visibleTo(place, image, NONE_SHARED));
}

async function withId(run: Run, place: Place, id: string): Promise<VisibleImage[]> {
  const plan = await run.plan();
  const image = await plan.read("image", id);
  if (!image) return [];
  const shares = await plan.presentFacts.sharesOfImage(id);
  const isShared = shares.some(({ memberId }) => memberId === place.account);
  return visibleTo(place, image, new Set(isShared ? [id] : []));
}

/** The account's own images are read once a run, and those shared with it. */
async function allVisible(run: Run, place: Place): Promise<VisibleImage[]> {
  const { region, account } = place;
  const facts = (await run.plan()).presentFacts;
  const [own, shares] = await Promise.all([
    facts.privateImages(region, account),
    facts.sharesWith(region, account),
  ]);
  const ids = new Set(shares.map(({ imageId }) => imageId));
  const shared = await Promise.all([...ids].map((id) => facts.get("image", id)));
  const recorded = [...own, ...shared].flatMap((image) => (image ? visibleTo(place, image, ids) : []));
  return [...offered(run, place), ...recorded];
}

function visibleTo(
  { region, account }: Place,
  image: ImageRecord,
  shared: ReadonlySet<string>,
): VisibleImage[] {
  const visibility = image.region === region && visibilityTo(account, image, shared);
  return visibility ? [{ image, visibility }] : [];
}

function visibilityTo(
  account: string,
  image: ImageRecord,
  shared: ReadonlySet<string>,
): VisibleImage["visibility"] | undefined {
  if (image.visibility !== "private") return image.visibility;
  if (image.account === account) return "private";
  return shared.has(image.id) && image.status === "active" ? "shared" : undefined;
}

function newestFirst({ image: a }: VisibleImage, { image: b }: VisibleImage): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}

function patternOf(nameRegex: string | undefined): RegExp | undefined {
  if (nameRegex === undefined) return undefined;
  try {
    return new RegExp(nameRegex, "u");
  } catch (error) {
    // V8 says "Invalid regular expression: /(/u: Unterminated group".
    const why = String(error).split(": ").at(-1)!;
    throw new ViolationError([say.badPattern(nameRegex, why)]);
  }
}

function criteriaOf({ region, account }: Place, filter: ImageFilter & { id?: string }): string {
  const { id, name, nameRegex, visibility, architecture, tags } = filter;
  const given = Object.entries({ id, name, nameRegex, visibility, architecture, ...tags });
  const stated = given.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${JSON.stringify(value)}`],
  );
  return `${stated.join(", ") || "everything"} in region ${region} for account ${account}`;
}

function lineage(records: CatalogSnapshot, place: Place, of: string | undefined): LineageGraph {
  const graph = lineageGraph(records, place);
  if (of === undefined) return graph;
  const named = graph.nodes.filter(({ id, name }) => id === of || name === of);
  if (named.length > 0) {
    return around(
      graph,
      named.map(({ key }) => key),
    );
  }
  const near = nearest(of, graph.nodes).map(({ kind, id, name }) =>
    name === undefined ? `${kind} ${id}` : `${kind} ${name} (${id})`,
  );
  throw new ViolationError([
    say.nothingInLineage(of, `account ${place.account} in region ${place.region}`, near),
  ]);
}

/** Those with the most pairs of letters in common with what was asked for. */
function nearest<T extends { id: string; name?: string }>(wanted: string, things: readonly T[]): T[] {
  const pairs = pairsOf(wanted);
  const likeness = (text: string) => {
    const others = pairsOf(text);
    const common = [...pairs].filter((pair) => others.has(pair)).length;
    return common / Math.max(1, pairs.size + others.size);
  };
  const scored = things.map((thing) => ({
    thing,
    score: Math.max(likeness(thing.name ?? ""), likeness(thing.id)),
  }));
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, 5)
    .map(({ thing }) => thing);
}

function pairsOf(text: string): Set<string> {
  const lower = text.toLowerCase();
  return new Set(Array.from({ length: Math.max(0, lower.length - 1) }, (_, i) => lower.slice(i, i + 2)));
}

async function quotaUse(run: Run, plan: Plan, { region, account }: Place): Promise<QuotaUse> {
  const quotas = run.scopes.quotas(region, account);
  if (!quotas) throw new ViolationError([say.unknownAccount("account", account, region, [])]);
  const facts = plan.presentFacts;
  return {
    region,
    account,
    privateImages: { used: await facts.privateImageCount(region, account), limit: quotas.privateImages },
    snapshots: { used: await facts.snapshotCount(region, account), limit: quotas.snapshots },
    acceptedShares: { used: await facts.acceptedShareCount(region, account), limit: quotas.acceptedShares },
    membersPerImage: { limit: quotas.membersPerImage },
  };
}

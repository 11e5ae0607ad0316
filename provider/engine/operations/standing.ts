import { plannedId } from "../records";
import type { Kind, Kinds } from "../model";
import type { FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import { adoptableRule } from "../rules/adoption";
import type { Violation } from "../violation";
import type { Declared, Recipe } from "./recipe";
import type { Run } from "./run";

export interface Standing<K extends Kind> {
  as: "create" | "adopt";
  record?: Kinds[K];
  violations: Violation[];
}

/** What the request takes over instead of making: the record it names, or a creation that an earlier run was cut off from. */
export async function findStanding<K extends Kind, Request extends Declared>(
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
    const record = (await facts.get(kind, adoptId)) as Kinds[K] | undefined;
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
  for (const record of [...(await facts.declaredBy(kind, urn))].reverse()) {
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

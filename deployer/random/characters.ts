import { randomInt } from "node:crypto";
import type { PropertyMap } from "../wire/property-value";
import type { Failure, InputSpec } from "./random-resource";
import { keepers } from "./random-resource";
import { shuffled } from "./random-shuffle";

/** What RandomString and RandomPassword both take. */
export const characterInputs: Record<string, InputSpec> = {
  length: { type: "integer", required: true, minimum: 1 },
  upper: { type: "boolean", default: true },
  lower: { type: "boolean", default: true },
  numeric: { type: "boolean" },
  /** The old name of `numeric`. */
  number: { type: "boolean" },
  special: { type: "boolean", default: true },
  minUpper: { type: "integer", default: 0, minimum: 0 },
  minLower: { type: "integer", default: 0, minimum: 0 },
  minNumeric: { type: "integer", default: 0, minimum: 0 },
  minSpecial: { type: "integer", default: 0, minimum: 0 },
  overrideSpecial: { type: "string", replaces: (old, next) => !(old === "" && next === undefined) },
  keepers,
};

export function deriveNumeric(inputs: PropertyMap): PropertyMap {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  return { ...inputs, numeric, number: inputs.number ?? numeric };
}

export function checkCharacters(declared: PropertyMap): Failure[] {
  const failures: Failure[] = [];
  const { number, numeric } = declared;
  if (number !== undefined && numeric !== undefined && number !== numeric)
    failures.push({ property: "number", reason: "number is the old name of numeric, and says otherwise" });
  if (
    ["upper", "lower", "special"].every((kind) => declared[kind] === false) &&
    (numeric ?? number) === false
  )
    failures.push({
      property: "numeric",
      reason: "at least one of upper, lower, numeric and special must be true",
    });
  const least = ["minUpper", "minLower", "minNumeric", "minSpecial"]
    .map((kind) => Number(declared[kind] ?? 0))
    .reduce((sum, count) => sum + count);
  if (Number(declared.length) < least)
    failures.push({
      property: "length",
      reason: `length is ${declared.length}, and minUpper + minLower + minNumeric + minSpecial is ${least}`,
    });
  return failures;
}

/** A random string as the inputs ask: the least number of each kind first, the rest from all kinds, shuffled. */
export function drawCharacters(inputs: PropertyMap): string {
  const kinds = [
    { used: inputs.upper, least: inputs.minUpper, from: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    { used: inputs.lower, least: inputs.minLower, from: "abcdefghijklmnopqrstuvwxyz" },
    { used: inputs.numeric, least: inputs.minNumeric, from: "0123456789" },
    {
      used: inputs.special,
      least: inputs.minSpecial,
      from: inputs.overrideSpecial || "!@#$%&*()-_=+[]{}<>:?",
    },
  ].map((kind) => ({ ...kind, from: [...(kind.from as string)] }));
  const all = kinds.flatMap(({ used, from }) => (used ? from : []));
  const drawn = kinds.flatMap(({ least, from }) => draw(from, Number(least)));
  drawn.push(...draw(all, Number(inputs.length) - drawn.length));
  return shuffled(drawn).join("");
}

function draw(from: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => from[randomInt(from.length)]!);
}

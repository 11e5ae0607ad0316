import { randomFillSync } from "node:crypto";
import type { RandomResource } from "./random-resource";
import { keepers } from "./random-resource";

export const randomInteger: RandomResource = {
  name: "RandomInteger",
  inputs: {
    min: { type: "integer", required: true },
    max: { type: "integer", required: true },
    seed: { type: "string", emptyIsNone: true },
    keepers,
  },
  computed: ["result"],
  check({ min, max }) {
    if (min === undefined || max === undefined || (min as number) <= (max as number)) return [];
    return [{ property: "min", reason: `min (${min}) is larger than max (${max})` }];
  },
  create({ min, max }) {
    const result = Number(BigInt(min as number) + below(BigInt(max as number) - BigInt(min as number) + 1n));
    return { id: String(result), outputs: { result } };
  },
  import(given) {
    const [result, min, max, seed, ...rest] = given.split(",");
    const numbers = [result, min, max].map(Number);
    if (rest.length > 0 || !numbers.every(Number.isSafeInteger))
      throw new Error(`"${given}" isn't "<result>,<min>,<max>" with an optional ",<seed>"`);
    return {
      id: result!,
      outputs: { result: numbers[0]! },
      inputs: { min: numbers[1]!, max: numbers[2]!, ...(seed && { seed }) },
    };
  },
};

/** Uniform in [0, limit): draws again what would favour the low values. */
export function below(limit: bigint): bigint {
  const range = 1n << 64n;
  const fair = range - (range % limit);
  for (;;) {
    const drawn = randomFillSync(new BigUint64Array(1))[0]!;
    if (drawn < fair) return drawn % limit;
  }
}

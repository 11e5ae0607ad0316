import { randomInt } from "node:crypto";
import type { RandomResource } from "./random-resource";
import { keepers } from "./random-resource";

export const randomShuffle: RandomResource = {
  name: "RandomShuffle",
  inputs: {
    inputs: { type: "strings", required: true },
    resultCount: { type: "integer", minimum: 0 },
    seed: { type: "string" },
    keepers,
  },
  computed: ["results"],
  create({ inputs, resultCount }) {
    const items = inputs as string[];
    const count = items.length === 0 ? 0 : ((resultCount as number | undefined) ?? items.length);
    const results: string[] = [];
    while (results.length < count) results.push(...shuffled(items));
    return { id: "-", outputs: { results: results.slice(0, count) } };
  },
};

/** A copy in random order, every order as likely. */
export function shuffled<T>(items: readonly T[]): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

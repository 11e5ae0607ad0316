import { randomInt } from "node:crypto";
import words from "./pet-words.json";
import type { RandomResource } from "./random-resource";
import { keepers } from "./random-resource";

export const randomPet: RandomResource = {
  name: "RandomPet",
  inputs: {
    length: { type: "integer", default: 2 },
    separator: { type: "string", default: "-" },
    prefix: { type: "string", emptyIsNone: true },
    keepers,
  },
  computed: [],
  create({ length, separator, prefix }) {
    const words = [...(prefix ? [prefix as string] : []), ...petName(length as number)];
    return { id: words.join(separator as string), outputs: {} };
  },
};

/** A name; before it, from two words on, an adjective; before that, adverbs. A length below one is the plugin's two. */
function petName(length: number): string[] {
  const kinds = [words.names, words.adjectives];
  return Array.from({ length: length < 1 ? 2 : length }, (_, i) => {
    const kind = kinds[i] ?? words.adverbs;
    return kind[randomInt(kind.length)]!;
  }).reverse();
}

import { randomBytes } from "./random-bytes";
import { randomId } from "./random-id";
import { randomInteger } from "./random-integer";
import { randomPassword } from "./random-password";
import { randomPet } from "./random-pet";
import type { RandomResource } from "./random-resource";
import { randomShuffle } from "./random-shuffle";
import { randomString } from "./random-string";
import { randomUuid, randomUuid4, randomUuid7 } from "./random-uuid";

const RESOURCES = [
  randomBytes,
  randomId,
  randomInteger,
  randomPassword,
  randomPet,
  randomShuffle,
  randomString,
  randomUuid,
  randomUuid4,
  randomUuid7,
];

const byType = new Map(
  RESOURCES.map((resource) => {
    const module = resource.name[0]!.toLowerCase() + resource.name.slice(1);
    return [`random:index/${module}:${resource.name}`, resource];
  }),
);

/** By type, such as `random:index/randomPet:RandomPet`. */
export function resourceOfType(type: string): RandomResource {
  const resource = byType.get(type);
  if (!resource) throw new Error(`the built-in random provider has no resource ${type}`);
  return resource;
}

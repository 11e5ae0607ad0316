import type { Kind, Kinds } from "../model";
import type { DraftOf } from "../records";
import type { Operations } from "../engine";
import { read, remove, update } from "./changes";
import { check, create } from "./creation";
import type { Declared, Recipe } from "./recipe";
import type { Run } from "./run";

/** The operations of a kind whose creation the recipe describes. */
export function operationsOf<K extends Kind, Request extends Declared, Facts>(
  run: Run,
  recipe: Recipe<K, Request, unknown>,
  factsOf: (draft: DraftOf<K>) => Facts,
): Operations<Request, Facts, Kinds[K]> {
  const { kind } = recipe;
  return {
    check: (request) => check(run, recipe, request, factsOf),
    create: (request, report) => create(run, recipe, request, report),
    update: (id, request) => update(run, recipe, id, request),
    read: (id, asAccount) => read(run, kind, id, asAccount),
    remove: (id, options) => remove(run, kind, id, options),
  };
}

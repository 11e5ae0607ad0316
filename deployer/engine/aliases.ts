import { createUrn, nameOf, qualifiedTypeOf, ROOT_STACK_TYPE, typeOf } from "../wire/urn";

/** A former identity of a resource: a whole URN, or what of it was different ("" for what wasn't). */
export type Alias =
  | { urn: string }
  | {
      urn?: undefined;
      name: string;
      type: string;
      stack: string;
      project: string;
      parent: string;
      noParent: boolean;
    };

export interface AliasedResource {
  stack: string;
  project: string;
  parent: string;
  type: string;
  name: string;
}

/**
 * The URNs that a resource may have in the state: those of its aliases, and those that follow from its parent's former
 * URN. `formerUrn` gives that for each resource of this run that was found by an alias.
 */
export function aliasUrns(
  resource: AliasedResource,
  aliases: Alias[],
  formerUrn: ReadonlyMap<string, string>,
): string[] {
  const own = aliases.map((alias) => collapse(resource, alias, formerUrn));
  const formerParent = resource.parent && formerUrn.get(resource.parent);
  if (!formerParent) return [...new Set(own)];
  const inherited = [
    inherit(resource, resource.type, resource.name, formerParent),
    ...own.map((urn) => inherit(resource, typeOf(urn), nameOf(urn), formerParent)),
  ];
  return [...new Set([...own, ...inherited])];
}

function collapse(resource: AliasedResource, alias: Alias, formerUrn: ReadonlyMap<string, string>): string {
  if (alias.urn !== undefined) return alias.urn;
  let parent = alias.parent ? (formerUrn.get(alias.parent) ?? alias.parent) : resource.parent;
  if (alias.noParent || qualifiedTypeOf(parent) === ROOT_STACK_TYPE) parent = "";
  return createUrn({
    name: alias.name || resource.name,
    type: alias.type || resource.type,
    stack: alias.stack || resource.stack,
    project: alias.project || resource.project,
    parent,
  });
}

/** A child named after its parent, `app-function` of `app`, was named after its former parent. */
function inherit(resource: AliasedResource, type: string, name: string, formerParent: string): string {
  const parentName = nameOf(resource.parent);
  return createUrn({
    stack: resource.stack,
    project: resource.project,
    parent: formerParent,
    type,
    name: name.startsWith(parentName) ? nameOf(formerParent) + name.slice(parentName.length) : name,
  });
}

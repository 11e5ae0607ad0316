import * as pulumi from "@pulumi/pulumi";
import { nameOf, typeOf, urnOfResource } from "./urn";

/** Inputs of a resource, by name, before Pulumi resolves them. */
export type Properties = Record<string, unknown>;

/** Which argument takes another resource, and of which classes that resource may be. */
export interface ReferenceArgument {
  /** The argument that takes the resource or its ID: `image`. The same with `Id` takes the ID only. */
  argument: string;
  types: readonly string[];
}

/**
 * Turns `image: golden`, `image: "img-…"` and `imageId: golden.id` into the inputs `imageId` and, where the program
 * shows which resource the ID comes from, `imageDeclaredBy` with its URN: by it a preview knows an image that doesn't
 * exist yet. Where both `image` and `imageId` are given, both go on, for check to refuse. `resource` is named in errors.
 */
export function resolveReference(
  props: Properties,
  { argument, types }: ReferenceArgument,
  resource: string,
): void {
  const [given, idKey] = [props[argument], `${argument}Id`];
  if (given !== undefined && given !== null) {
    if (pulumi.Resource.isInstance(given) && !types.includes(typeOf(given))) {
      throw new pulumi.ResourceError(
        `${resource}: ${argument} takes ${either(types.map(withArticle))}, or an ID, but was given the ${className(typeOf(given))} ${nameOf(given)}`,
        undefined,
        true,
      );
    }
    const id = pulumi.Resource.isInstance(given) ? (given as pulumi.CustomResource).id : given;
    const both = props[idKey] !== undefined && props[idKey] !== null;
    props[both ? argument : idKey] = id;
    if (both) return;
    delete props[argument];
  }
  const id = props[idKey];
  if (pulumi.Output.isInstance(id)) props[`${argument}DeclaredBy`] = declaringUrn(id, types);
}

type Shown = pulumi.Output<unknown> & {
  resources(): Set<pulumi.Resource>;
  allResources(): Promise<Set<pulumi.Resource>>;
};

/** URN of the one resource that an ID comes from: at once for `golden.id` itself, later for what is derived from it. */
function declaringUrn(
  id: pulumi.Output<unknown>,
  types: readonly string[],
): string | Promise<string | undefined> {
  const shown = id as Shown;
  for (const resource of shown.resources()) {
    if (isDeclared(resource) && (resource as pulumi.CustomResource).id === id) return urnOfResource(resource);
  }
  return shown.allResources().then((resources) => {
    const fitting = [...resources].filter(
      (resource) =>
        isDeclared(resource) && types.includes(typeOf(resource)) && !Object.values(resource).includes(id),
    );
    return fitting.length === 1 ? urnOfResource(fitting[0]!) : undefined;
  });
}

/** Declared by this program, where `.get` only reads. */
function isDeclared(resource: pulumi.Resource): boolean {
  return Object.prototype.hasOwnProperty.call(resource, "declaredBy");
}

function className(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** "a, b or c". */
function either(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " or $1");
}

function withArticle(type: string): string {
  const name = className(type);
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

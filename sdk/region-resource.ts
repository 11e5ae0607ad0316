import * as pulumi from "@pulumi/pulumi";
import { declaringLineOnly } from "./source-position";
import { resolveReference } from "./reference";
import type { Properties, ReferenceArgument } from "./reference";
import { timeoutsOf } from "./timeouts";
import type { Timeouts } from "./timeouts";
import { urnOf } from "./urn";

/** What every resource of a region takes. */
export interface RegionArgs {
  /** The region; default: the configuration's `images:region`, else the endpoint's first. */
  region?: pulumi.Input<string>;
  /** The account that owns it; default: `images:account` in the configured region, else the first of the region. */
  account?: pulumi.Input<string>;
}

/** How a class is declared: fixed for ever, since states hold it. */
export interface ResourceClass {
  /** Name of the class, of its type, and of the provider's export that serves it. */
  kind: string;
  references: readonly ReferenceArgument[];
  /** Outputs that are no inputs. */
  outputs: readonly string[];
  /** Operations whose time a program may limit. */
  timeouts?: readonly (keyof Timeouts)[];
}

export function typeToken(kind: string): string {
  return `pulumi-nodejs:dynamic/images:${kind}`;
}

/**
 * The text that stands for the provider's code in every state: one line, the same in every version of this package,
 * since Pulumi reads and deletes a resource with the text that it was made with.
 */
export function providerText(kind: string): string {
  return `exports.handler = () => require("pulumi-private-images/provider").${kind};`;
}

/** Base of the resource classes: a dynamic resource whose provider is this package's. */
export abstract class RegionResource extends pulumi.CustomResource {
  protected constructor(
    resourceClass: ResourceClass,
    name: string,
    args: object | undefined,
    opts: pulumi.CustomResourceOptions = {},
  ) {
    const props = inputsOf(resourceClass, name, args, opts);
    const restore = declaringLineOnly();
    try {
      super(typeToken(resourceClass.kind), name, props, opts);
    } finally {
      restore();
    }
  }
}

function inputsOf(
  { kind, references, outputs, timeouts = [] }: ResourceClass,
  name: string,
  args: object | undefined,
  opts: pulumi.CustomResourceOptions,
): Properties {
  const props: Properties = {};
  for (const output of outputs) props[output] = undefined;
  Object.assign(props, args);
  props.__provider = providerText(kind);
  if (opts.id !== undefined || opts.urn !== undefined) return props;
  for (const reference of references) resolveReference(props, reference, `${kind} ${name}`);
  props.declaredBy = urnOf(typeToken(kind), name, opts.parent);
  if (opts.deleteBeforeReplace) props.deleteBeforeReplace = true;
  if (opts.retainOnDelete) props.retainOnDelete = true;
  if (props.timeouts === undefined) {
    const given = timeoutsOf(opts, timeouts);
    if (given) props.timeouts = given;
  }
  return props;
}

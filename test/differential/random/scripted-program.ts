/* The program of every random history: copied into a project's folder, it declares what `program.json` there says. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Alias, Expression, Node, Options, Program, Property } from "./model";

/** A dynamic resource as the SDK makes it, but for the provider's text: serializing it would take longer than all else. */
class Scripted extends pulumi.CustomResource {
  constructor(
    { key, name, kind, variant }: Node,
    inputs: pulumi.Inputs,
    options: pulumi.CustomResourceOptions,
  ) {
    const plain = kind === "plain";
    const __provider = `exports.handler = () => require(process.env.SCRIPTED_PROVIDER).${plain ? "plain" : "full"}`;
    super(
      `pulumi-nodejs:dynamic/random:${plain ? "Plain" : "Full"}${variant ?? ""}`,
      name,
      { a: undefined, made: undefined, derived: undefined, key, __provider, ...inputs },
      options,
    );
  }
}

class Group extends pulumi.ComponentResource {
  constructor({ name, variant }: Node, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) {
    super(`random:index:Group${variant ?? ""}`, name, inputs, options);
  }
}

/** An explicit provider of dynamic resources. */
class Provider extends pulumi.ProviderResource {
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ResourceOptions) {
    super("pulumi-nodejs", name, inputs, options);
  }
}

const declared = new Map<string, pulumi.Resource>();

function resource(key: string): pulumi.Resource {
  return declared.get(key)!;
}

function evaluate(expression: Expression): pulumi.Input<unknown> {
  if ("value" in expression) return expression.value as pulumi.Input<unknown>;
  if ("secret" in expression) return pulumi.secret(expression.secret);
  const output = propertyOf(resource(expression.of), expression.property);
  switch (expression.by) {
    case "itself":
      return output;
    case "apply":
      return output.apply((value) => `applied ${String(value)}`);
    case "interpolate":
      return pulumi.interpolate`the ${output}`;
    case "all":
      return pulumi.all([output, resource(expression.of).urn]).apply(([value]) => `all of ${String(value)}`);
    case "secret":
      return pulumi.secret(output);
    case "nested":
      return { deep: [output, "beside"] };
  }
}

function propertyOf(of: pulumi.Resource, property: Property): pulumi.Output<unknown> {
  return (of as unknown as Record<Property, pulumi.Output<unknown>>)[property];
}

function evaluateAll(expressions: Record<string, Expression>): pulumi.Inputs {
  return Object.fromEntries(Object.entries(expressions).map(([key, it]) => [key, evaluate(it)]));
}

function optionsOf({
  parent,
  dependsOn,
  deletedWith,
  provider,
  aliases,
  ...others
}: Options): pulumi.CustomResourceOptions {
  return {
    ...others,
    ...(parent && { parent: resource(parent) }),
    ...(dependsOn && { dependsOn: dependsOn.map(resource) }),
    ...(deletedWith && { deletedWith: resource(deletedWith) }),
    ...(provider && { provider: resource(provider) as pulumi.ProviderResource }),
    ...(aliases && { aliases: aliases.map(aliasOf) }),
  };
}

function aliasOf({ urn, name, type, parent }: Alias): pulumi.Input<string | pulumi.Alias> {
  if (urn) return urn;
  return {
    ...(name && { name }),
    ...(type && { type }),
    ...(parent === null ? { parent: pulumi.rootStackResource } : parent && { parent: resource(parent) }),
  };
}

function declare(node: Node): pulumi.Resource {
  const { id, ...inputs } = evaluateAll(node.inputs);
  const options = optionsOf(node.options);
  switch (node.kind) {
    case "component":
      return new Group(node, inputs, options);
    case "provider":
      return new Provider(node.name, inputs, options);
    case "external":
      return new Scripted(node, inputs, { ...options, id: id as pulumi.Input<string> });
    default:
      return new Scripted(node, inputs, options);
  }
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(__dirname, file), "utf8")) as T;
}

export = async (): Promise<pulumi.Inputs> => {
  const { inTurn, chained, nodes, outputs, throwsAt } = json<Program & { throwsAt?: number }>("program.json");
  let last: string | undefined;
  for (const [at, node] of nodes.entries()) {
    if (at === throwsAt) throw new Error("scripted: the program throws");
    if (chained && last) node.options.dependsOn = [...(node.options.dependsOn ?? []), last];
    if (node.kind === "full" || node.kind === "plain") last = node.key;
    const made = declare(node);
    declared.set(node.key, made);
    if (inTurn) await new Promise((resolve) => made.urn.apply(resolve));
  }
  for (const { key, kind } of nodes) {
    const child = nodes.find(({ options, kind }) => options.parent === key && kind !== "component");
    if (kind !== "component") continue;
    const group = resource(key) as unknown as { registerOutputs(outputs: pulumi.Inputs): void };
    group.registerOutputs(child ? { child: propertyOf(resource(child.key), "made") } : {});
  }
  return evaluateAll(outputs);
};

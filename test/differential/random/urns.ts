import { createUrn } from "../../../deployer/wire/urn";
import type { Kind, Node, Program } from "./model";

export const PROJECT = "program";
export const STACK = "dev";

const TYPES: Record<Kind, string> = {
  component: "random:index:Group",
  full: "pulumi-nodejs:dynamic/random:Full",
  external: "pulumi-nodejs:dynamic/random:Full",
  plain: "pulumi-nodejs:dynamic/random:Plain",
  provider: "pulumi:providers:pulumi-nodejs",
};

export function typeOf({ kind, variant }: Node): string {
  return `${TYPES[kind]}${variant ?? ""}`;
}

/** The URN that a node of a program gets. */
export function urnOf(program: Program, key: string): string {
  const node = program.nodes.find((it) => it.key === key)!;
  const { name, options } = node;
  const parent = options.parent ? urnOf(program, options.parent) : "";
  return createUrn({ project: PROJECT, stack: STACK, parent, type: typeOf(node), name });
}

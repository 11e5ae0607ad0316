import Ajv from "ajv";
import type { ErrorObject, JSONSchemaType, SchemaObject, ValidateFunction } from "ajv";
import { capital, withArticle } from "../engine/messages";
import { OWN_SCHEMA } from "../engine/own-schema";
import type { Violation } from "../engine/violation";
import { SENTINEL } from "./inputs";
import type { Properties } from "./lifecycle";
import { nearest } from "./nearest";

/** Inputs that the classes and check add; a program neither gives nor sees them. */
export const INTERNAL = [
  "__provider",
  "declaredBy",
  "imageDeclaredBy",
  "instanceDeclaredBy",
  "volumeDeclaredBy",
  "deleteBeforeReplace",
  "retainOnDelete",
  "creationToken",
];

/** Schemas that several resources share. */
export const text = { type: "string", nullable: true } as const;
export const flag = { type: "boolean", nullable: true } as const;
export const amount = { type: "number", nullable: true } as const;
export const tags = {
  type: "object",
  nullable: true,
  required: [],
  additionalProperties: { type: "string" },
} as const;
export const architecture = { type: "string", enum: ["localDisk", "cloudDisk"], nullable: true } as const;
/** What runs on a disk that doesn't tell it by itself. */
export const os = {
  type: "object",
  nullable: true,
  properties: {
    osType: { type: "string", enum: ["linux", "windows"], nullable: true },
    osName: text,
    osVersion: text,
    cpuArchitecture: { type: "string", enum: ["x86_64", "arm64"], nullable: true },
  },
  required: [],
  additionalProperties: false,
} as const;
/** How long making it may take: durations, which the engine judges. */
export const createTimeouts = {
  type: "object",
  nullable: true,
  properties: { create: text },
  required: [],
  additionalProperties: false,
} as const;
/** Of resources whose changes in place take their time too. */
export const timeouts = { ...createTimeouts, properties: { create: text, update: text } } as const;
/** Of every resource that makes an image. */
export const imageSettings = {
  region: text,
  account: text,
  name: text,
  description: text,
  minDisk: amount,
  minRam: amount,
  maxRam: amount,
  tags,
  nicMultiqueue: flag,
  sriovDriver: flag,
  architecture,
  onDelete: { type: "string", enum: ["refuse", "unshare", "retain"], nullable: true },
  adoptId: text,
  timeouts: createTimeouts,
} as const;

/** The arguments of a kind of resource. */
export interface Arguments {
  names: readonly string[];
  validate(inputs: Properties): Violation[];
}

/**
 * The arguments that a schema describes, of what `owner` names in messages. Any value, at any depth, may also be unknown. The short form of a reference
 * (`image` for `imageId`) passes: only check can tell what is wrong with it.
 */
export function argumentsOf<T>(
  owner: string,
  schema: JSONSchemaType<T>,
  references: readonly string[] = [],
): Arguments {
  const { properties, ...rest } = schema as SchemaObject & { properties: Record<string, SchemaObject> };
  const names = Object.keys(properties);
  const passed = Object.fromEntries([...INTERNAL, ...references].map((name) => [name, {}]));
  let compiled: ValidateFunction | undefined;
  const compile = () =>
    new Ajv({ allErrors: true, strict: false, verbose: true, ...OWN_SCHEMA }).compile(
      orUnknown({ ...rest, additionalProperties: false, properties: { ...passed, ...properties } }),
    );
  return {
    names,
    validate(inputs) {
      compiled ??= compile();
      return compiled(inputs) ? [] : (compiled.errors ?? []).flatMap((error) => worded(error, owner, names));
    },
  };
}

function orUnknown(schema: SchemaObject): SchemaObject {
  const result: SchemaObject = { ...schema };
  if (schema.properties) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties as Record<string, SchemaObject>).map(([name, property]) => [
        name,
        unlessUnknown(property),
      ]),
    );
  }
  if (typeof schema.additionalProperties === "object")
    result.additionalProperties = unlessUnknown(schema.additionalProperties);
  if (schema.items) result.items = unlessUnknown(schema.items);
  return result;
}

function unlessUnknown(schema: SchemaObject): SchemaObject {
  return { if: { const: SENTINEL }, else: orUnknown(schema) };
}

/** The values themselves never stand in a message: any of them may be a secret. */
function worded(error: ErrorObject, owner: string, known: readonly string[]): Violation[] {
  const property = pathOf(error.instancePath);
  const within = (name: string) => (property ? `${property}.${name}` : name);
  switch (error.keyword) {
    case "if":
      return [];
    case "required": {
      const name: string = error.params.missingProperty;
      return [
        { property: within(name), reason: `${property || owner} needs ${withArticle(name)}. State it.` },
      ];
    }
    case "additionalProperties": {
      const name: string = error.params.additionalProperty;
      const reason = property
        ? unknownName(property, "property", name, Object.keys(error.parentSchema?.properties ?? {}))
        : unknownName(owner, "argument", name, known);
      return [{ property: within(name), reason }];
    }
    case "type":
      return [{ property, reason: `It must be ${withArticle(error.params.type)}.` }];
    case "enum":
      return [
        { property, reason: `It must be one of ${error.params.allowedValues.filter(Boolean).join(", ")}.` },
      ];
    default:
      return [{ property, reason: capital(`${error.message ?? `it breaks ${error.keyword}`}.`) }];
  }
}

/** `/dataDisks/0/size` as a program spells it: `dataDisks[0].size`. */
function pathOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), "");
}

/** `owner` has no `what` of that name; `known` are those it has. */
export function unknownName(owner: string, what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `${owner} has no ${what} ${name}. ${meant ? `Did you mean ${meant}?` : `It has ${[...known].sort().join(", ")}.`}`;
}

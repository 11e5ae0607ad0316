import { ASSET, RESOURCE_REFERENCE, SECRET, SIGNATURE, UNKNOWN } from "../wire/property-value";
import type { PropertyMap, PropertyValue } from "../wire/property-value";
import { resourceName } from "./resource-name";

const LONGEST = 120;

/** Inner workings that no program wrote: `__provider`, `@isPulumiResource`. */
export function isInternal(property: string): boolean {
  return property.startsWith("__") || property.startsWith("@");
}

/** A value on one line; never a secret's. */
export function valueText(value: PropertyValue | undefined): string {
  const text = render(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** A value for machines: secrets and the marks of this wire taken out. */
export function withoutSecrets(value: PropertyValue): PropertyValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value[SIGNATURE] === SECRET) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item)]));
}

/** A value as the program has it, secrets in plain text. */
export function revealed(value: PropertyValue): PropertyValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revealed);
  if (value[SIGNATURE] === SECRET) return revealed(value.value ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}

function render(value: PropertyValue | undefined): string {
  if (value === undefined) return "(none)";
  if (value === UNKNOWN) return "(known after up)";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(render).join(", ")}]`;
  if (value[SIGNATURE] !== undefined) return renderMarked(value);
  const items = Object.entries(value).filter(([key]) => !isInternal(key));
  return items.length === 0
    ? "{}"
    : `{ ${items.map(([key, item]) => `${key}: ${render(item)}`).join(", ")} }`;
}

function renderMarked(value: PropertyMap): string {
  switch (value[SIGNATURE]) {
    case SECRET:
      return "[secret]";
    case RESOURCE_REFERENCE:
      return resourceName(String(value.urn));
    case ASSET:
      return typeof value.path === "string" ? `file ${value.path}` : "an asset";
    default:
      return "(a special value)";
  }
}

import type { Crypter } from "../secrets/crypter";
import { UserError } from "../user-error";

/** A value of Pulumi.STACK.yaml: any YAML, in which a secret is `{ secure: <ciphertext> }`. */
const SECURE = "secure";

function isSecure(value: unknown): value is { secure: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 1 &&
    typeof (value as Record<string, unknown>)[SECURE] === "string"
  );
}

export function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecure(value) || Object.values(value).some(holdsSecret);
}

/** The same with its secrets decrypted; `key` names it in messages. */
export function reveal(value: unknown, key: string, crypter?: Crypter): unknown {
  if (isSecure(value)) {
    if (!crypter)
      throw new UserError(`${key} is secret, but the stack has no encryption salt to decrypt it with.`);
    return crypter.decrypt(value.secure);
  }
  if (Array.isArray(value)) return value.map((item) => reveal(item, key, crypter));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, reveal(item, key, crypter)]));
}

/** As programs get it: text, and JSON for lists and objects. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether a value's text is of a type that Pulumi.yaml declares. */
export function hasType(value: string, type: string): boolean {
  switch (type) {
    case "integer":
      return /^[+-]?\d+$/.test(value);
    case "number":
      return value.trim() !== "" && !Number.isNaN(Number(value));
    case "boolean":
      return value === "true" || value === "false";
    case "array":
      return value.startsWith("[");
    case "object":
      return value.startsWith("{");
    default:
      return true;
  }
}

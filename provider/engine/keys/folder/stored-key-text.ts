import { Fault } from "../../violation";
import type { StoredKey } from "../stored-key";

const TYPES = {
  id: "string",
  name: "string",
  region: "string",
  account: "string",
  isDefault: "boolean",
  disabled: "boolean",
  version: "number",
  createdAt: "string",
} satisfies Partial<Record<keyof StoredKey, string>>;

/** A key's file as it was written, or a Fault. */
export function readStoredKey(bytes: Buffer, id: string, file: string): StoredKey {
  const key = parse(bytes) as StoredKey | undefined;
  const isWhole =
    key !== undefined &&
    Object.entries(TYPES).every(([field, type]) => typeof key[field as keyof StoredKey] === type) &&
    key.id === id;
  if (isWhole) return key;
  throw new Fault(`Reading master key ${id}`, {
    says: `${file} is damaged or isn't a key's file`,
    left: "Nothing was changed. Bring it back from a backup",
  });
}

function parse(bytes: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

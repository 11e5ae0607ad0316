import { ViolationError } from "../../violation";

/** A token, by what RFC 7512 lets say of it, and how to reach it. */
export interface Pkcs11Uri {
  /** What the token must be: its label, and more where several bear the same. */
  token: Partial<Record<TokenAttribute, string>>;
  slotId?: number;
  modulePath?: string;
  /** Path of a file that holds the PIN. */
  pinSource?: string;
}

/** As RFC 7512 calls them, and pkcs11js. */
export const TOKEN_ATTRIBUTES = {
  token: "label",
  manufacturer: "manufacturerID",
  serial: "serialNumber",
  model: "model",
} as const;
export type TokenAttribute = keyof typeof TOKEN_ATTRIBUTES;

const WHY_NOT: Readonly<Record<string, string>> = {
  "pin-value": "A PIN doesn't belong in a URL: set IMAGES_PKCS11_PIN, or name a file with pin-source.",
  "module-name": "Give the module's file: module-path.",
  object: "The region names its keys itself.",
  type: "The region names its keys itself.",
  id: "The region names its keys itself.",
};

/** `pkcs11:token=…;serial=…?module-path=…&pin-source=file:…`. Throws ViolationError. */
export function parsePkcs11Uri(uri: string): Pkcs11Uri {
  const [path = "", query = ""] = uri.replace(/^pkcs11:/i, "").split(/\?(.*)/s);
  const said = attributes(path, ";");
  const asked = attributes(query, "&");
  const token: Pkcs11Uri["token"] = {};
  for (const name of Object.keys(TOKEN_ATTRIBUTES) as TokenAttribute[]) {
    const value = said.get(name);
    if (value !== undefined) token[name] = value;
    said.delete(name);
  }
  const slotId = take(said, "slot-id");
  const modulePath = take(asked, "module-path");
  const pinSource = take(asked, "pin-source");
  const [unknown] = [...said.keys(), ...asked.keys()];
  if (unknown !== undefined) throw refused(unknown, WHY_NOT[unknown] ?? "It isn't known here.");
  if (token.token === undefined && token.serial === undefined) {
    throw refused("token", "State the token's label, or its serial.");
  }
  if (slotId !== undefined && !/^\d{1,10}$/.test(slotId)) throw refused("slot-id", "It must be a number.");
  return {
    token,
    slotId: slotId === undefined ? undefined : Number(slotId),
    modulePath,
    pinSource: pinSource === undefined ? undefined : pinFile(pinSource),
  };
}

function attributes(text: string, separator: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(separator).filter((part) => part !== "")) {
    const [name = "", value] = part.split(/=(.*)/s);
    if (value === undefined) throw refused(name, "It has no value.");
    if (found.has(name)) throw refused(name, "It stands twice.");
    found.set(name, decoded(name, value));
  }
  return found;
}

function decoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw refused(name, "A % in it isn't followed by two hexadecimal digits of UTF-8: write %25 for itself.");
  }
}

function pinFile(source: string): string {
  if (source.startsWith("|")) throw refused("pin-source", "Commands aren't run: name a file.");
  const path = /^file:/i.test(source) ? source.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, "") : source;
  if (!path.startsWith("/")) throw refused("pin-source", "Name a file by its whole path.");
  return path;
}

function take(from: Map<string, string>, name: string): string | undefined {
  const value = from.get(name);
  from.delete(name);
  return value;
}

/** Values stay out of it: one may be a PIN. */
function refused(attribute: string, why: string): ViolationError {
  const reason = `The pkcs11: URL of the keys is wrong at "${attribute}". ${why}`;
  return new ViolationError([{ property: "keys", reason }]);
}

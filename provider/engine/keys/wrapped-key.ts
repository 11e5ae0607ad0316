import { Fault } from "../violation";

export const KEY_ID = /^key-[0-9a-f]{12}$/;

/** `v1.<key ID>.<version>.<what the vault gave, as base64url>`. */
const WRAPPED =
  /^(?<context>v1\.(?<id>key-[0-9a-f]{12})\.(?<version>[1-9]\d{0,8}))\.(?<sealed>[\w-]{80,4000})$/;

/** A data key as the catalogue has it. */
export interface WrappedKey {
  id: string;
  version: number;
  /** The text before the sealed bytes: authenticated with them. */
  context: string;
  sealed: Buffer;
}

export function contextOf(id: string, version: number): string {
  return `v1.${id}.${version}`;
}

export function wrappedText(context: string, sealed: Buffer): string {
  return `${context}.${sealed.toString("base64url")}`;
}

export function parseWrapped(wrappedKey: string): WrappedKey {
  const parts = WRAPPED.exec(wrappedKey)?.groups;
  if (!parts) throw altered("it isn't one");
  const { id = "", version, context = "", sealed: text = "" } = parts;
  const sealed = Buffer.from(text, "base64url");
  // One text for each data key: no bits to spare at its end.
  if (wrappedText(context, sealed) !== wrappedKey) throw altered("it isn't one");
  return { id, version: Number(version), context, sealed };
}

/** A wrapped data key that the vault didn't give, or not for this key, version and context. */
export function notAsWrapped(id: string): Fault {
  return altered(`it isn't as master key ${id} wrapped it`);
}

export function altered(why: string): Fault {
  return new Fault("Unwrapping a data key", {
    says: `${why}: the catalogue or the keys were altered, or they don't belong together`,
    left: "Nothing was changed. Bring both back from one backup",
  });
}

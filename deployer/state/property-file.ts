import type { Crypter } from "../secrets/crypter";
import { unsupported, UserError } from "../user-error";
import { ASSET, isMarked, RESOURCE_REFERENCE, SECRET, secret, SIGNATURE } from "../wire/property-value";
import type { PropertyMap, PropertyValue } from "../wire/property-value";

const UNSUPPORTED_MARKS: Record<string, string> = {
  "0def7320c3a5731c473e5ecbe6d01bc7": "An archive",
  "8ad145fe-0d11-4827-bfd7-1abcbf086f5c": "A number that is infinite or none",
};

/**
 * Property values between their form in a file (secrets as ciphertext) and the one in memory (secrets marked).
 * Remembers each ciphertext by its place, so that a secret that didn't change is written as it was.
 */
export class PropertyFile {
  private readonly known = new Map<string, { plaintext: string; ciphertext: string }>();

  /** Without a crypter only values that hold no secret can be read or written; `plaintext` shows them as they are. */
  constructor(
    public crypter?: Crypter,
    private readonly form: "ciphertext" | "plaintext" = "ciphertext",
  ) {}

  /** `place` names the value in messages: a URN, then the path of the property. */
  read(value: PropertyValue, place: string): PropertyValue {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => this.read(item, `${place}[${index}]`));
    if (isMarked(value, SECRET)) return secret(this.open(value, place));
    refuseUnsupportedMark(value, place);
    return this.readMap(value, place);
  }

  readMap(map: PropertyMap, place: string): PropertyMap {
    const read: PropertyMap = {};
    for (const [key, value] of Object.entries(map)) set(read, key, this.read(value, `${place}.${key}`));
    return read;
  }

  /** Keys sorted, as the CLI writes them. */
  write(value: PropertyValue, place: string): PropertyValue {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => this.write(item, `${place}[${index}]`));
    if (isMarked(value, SECRET)) {
      const plaintext = JSON.stringify(nested.write(value.value ?? null, place));
      return this.form === "plaintext"
        ? { [SIGNATURE]: SECRET, plaintext }
        : { [SIGNATURE]: SECRET, ciphertext: this.seal(plaintext, place) };
    }
    return this.writeMap(value, place);
  }

  writeMap(map: PropertyMap, place: string): PropertyMap {
    const written: PropertyMap = {};
    for (const key of Object.keys(map).sort()) {
      const value = map[key];
      if (value !== undefined) set(written, key, this.write(value, `${place}.${key}`));
    }
    return written;
  }

  private open(value: PropertyMap, place: string): PropertyValue {
    const { ciphertext, plaintext } = value;
    if (typeof plaintext === "string" && ciphertext === undefined)
      return nested.read(parse(plaintext, place), place);
    if (typeof ciphertext !== "string" || plaintext !== undefined) {
      throw new UserError(`${place}: a secret must have exactly one of "ciphertext" and "plaintext".`);
    }
    if (!this.crypter) throw new UserError(`${place}: a secret, but the state names no secrets provider.`);
    const opened = nested.read(parse(this.crypter.decrypt(ciphertext), place), place);
    this.known.set(place, { plaintext: JSON.stringify(nested.write(opened, place)), ciphertext });
    return opened;
  }

  private seal(plaintext: string, place: string): string {
    if (!this.crypter) throw new Error(`no crypter to encrypt ${place}`);
    const known = this.known.get(place);
    if (known?.plaintext === plaintext) return known.ciphertext;
    const ciphertext = this.crypter.encrypt(plaintext);
    this.known.set(place, { plaintext, ciphertext });
    return ciphertext;
  }
}

/** A secret inside a secret isn't encrypted a second time: it stands in the plaintext, marked, with its JSON as its text. */
const nested: PropertyFile = new PropertyFile({
  salt: "",
  encrypt: (plaintext) => plaintext,
  decrypt: (ciphertext) => ciphertext,
});

function parse(plaintext: string, place: string): PropertyValue {
  try {
    return JSON.parse(plaintext) as PropertyValue;
  } catch {
    throw new UserError(`${place}: the secret's text isn't JSON.`);
  }
}

function refuseUnsupportedMark(map: PropertyMap, place: string): void {
  const mark = map[SIGNATURE];
  if (mark === undefined || mark === RESOURCE_REFERENCE || mark === ASSET) return;
  const what = UNSUPPORTED_MARKS[String(mark)] ?? `A value of the unknown kind ${String(mark)}`;
  throw new UserError(`${place}: ${unsupported(what)}`);
}

/** `__proto__` is a key like any other in a file. */
function set(map: PropertyMap, key: string, value: PropertyValue): void {
  if (key === "__proto__")
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

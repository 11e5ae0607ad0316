import { readFileSync } from "node:fs";
import type { Attribute, Handle, TokenInfo } from "pkcs11js";
import * as faults from "./faults";
import type { Pkcs11Module } from "./pkcs11-module";
import { TOKEN_ATTRIBUTES } from "./pkcs11-uri";
import type { Pkcs11Uri, TokenAttribute } from "./pkcs11-uri";

export const PIN_VARIABLE = "IMAGES_PKCS11_PIN";

/** A user's session with a token, of one initialisation of its module. */
export class TokenSession {
  readonly label: string;
  private readonly handles = new Map<string, Handle>();

  private constructor(
    readonly module: Pkcs11Module,
    private readonly slot: Handle,
    private readonly info: TokenInfo,
    readonly session: Handle,
    readonly generation: number,
  ) {
    this.label = trimmed(info.label);
  }

  /** Throws a Fault that says what is in the way. */
  static open(module: Pkcs11Module, uri: Pkcs11Uri): TokenSession {
    const { api, functions, generation } = module;
    const [slot, info] = findToken(module, uri);
    requireGcm(module, slot, trimmed(info.label));
    const session = functions.C_OpenSession(slot, api.CKF_SERIAL_SESSION);
    const opened = new TokenSession(module, slot, info, session, generation);
    try {
      opened.login(uri);
      return opened;
    } catch (error) {
      functions.C_CloseSession(session);
      throw error;
    }
  }

  get isVoid(): boolean {
    return this.generation !== this.module.generation;
  }

  /** Handles of the token's secret keys with these attributes, 16 at most. */
  find(template: Attribute[]): Handle[] {
    const { api, functions } = this.module;
    functions.C_FindObjectsInit(this.session, [
      { type: api.CKA_CLASS, value: api.CKO_SECRET_KEY },
      ...template,
    ]);
    try {
      return functions.C_FindObjects(this.session, 16);
    } finally {
      functions.C_FindObjectsFinal(this.session);
    }
  }

  /** What `find` gives, kept for the session. */
  remembered(name: string, find: () => Handle): Handle {
    const handle = this.handles.get(name) ?? find();
    this.handles.set(name, handle);
    return handle;
  }

  /** A session that may write, as long as `work` takes: tokens have few of them. */
  async writing<T>(work: (session: Handle) => Promise<T>): Promise<T> {
    const { api, functions } = this.module;
    this.handles.clear();
    const session = functions.C_OpenSession(this.slot, api.CKF_SERIAL_SESSION | api.CKF_RW_SESSION);
    try {
      return await work(session);
    } finally {
      functions.C_CloseSession(session);
    }
  }

  private login(uri: Pkcs11Uri): void {
    const { module, label } = this;
    const { api, functions } = module;
    const serial = trimmed(this.info.serialNumber);
    const has = (flag: number) => (this.info.flags & flag) !== 0;
    if (!has(api.CKF_LOGIN_REQUIRED)) return;
    const pin = has(api.CKF_PROTECTED_AUTHENTICATION_PATH) ? undefined : readPin(uri, label);
    if (has(api.CKF_USER_PIN_LOCKED)) throw faults.lockedPin(label);
    if (pin !== undefined && module.hasRefused(serial, pin)) throw faults.wrongPin(label);
    if (has(api.CKF_USER_PIN_FINAL_TRY)) throw faults.lastTry(label);
    try {
      functions.C_Login(this.session, api.CKU_USER, pin);
    } catch (error) {
      const { code } = error as { code?: number };
      if (code === api.CKR_USER_ALREADY_LOGGED_IN) return;
      if (code === api.CKR_PIN_LOCKED) throw faults.lockedPin(label);
      if (code !== api.CKR_PIN_INCORRECT && code !== api.CKR_PIN_LEN_RANGE && code !== api.CKR_PIN_INVALID)
        throw error;
      if (pin !== undefined) module.refuse(serial, pin);
      throw faults.wrongPin(label);
    }
  }
}

function findToken({ functions, path }: Pkcs11Module, { token, slotId }: Pkcs11Uri): [Handle, TokenInfo] {
  const found: [Handle, TokenInfo][] = [];
  const labels: string[] = [];
  const names = Object.keys(token) as TokenAttribute[];
  for (const slot of functions.C_GetSlotList(true)) {
    const info = infoOf(() => functions.C_GetTokenInfo(slot));
    if (!info) continue;
    if (trimmed(info.label) !== "") labels.push(trimmed(info.label));
    const fits = names.every((name) => trimmed(info[TOKEN_ATTRIBUTES[name]]) === token[name]);
    if (fits && (slotId === undefined || slotNumber(slot) === slotId)) found.push([slot, info]);
  }
  const wanted = [
    ...names.map((name) => `${name === "token" ? "label" : name} "${token[name]}"`),
    ...(slotId === undefined ? [] : [`slot ${slotId}`]),
  ].join(", ");
  const [only, ...others] = found;
  if (!only) throw new faults.Missing(faults.noToken(wanted, path, labels));
  if (others.length > 0)
    throw faults.severalTokens(
      wanted,
      found.map(([, info]) => trimmed(info.serialNumber)),
    );
  return only;
}

/** A token that is just being removed tells nothing of itself. */
function infoOf(ask: () => TokenInfo): TokenInfo | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function requireGcm({ api, functions }: Pkcs11Module, slot: Handle, label: string): void {
  const needed = api.CKF_ENCRYPT | api.CKF_DECRYPT;
  let flags = 0;
  try {
    ({ flags } = functions.C_GetMechanismInfo(slot, api.CKM_AES_GCM));
  } catch (error) {
    if ((error as { code?: number }).code !== api.CKR_MECHANISM_INVALID) throw error;
  }
  if ((flags & needed) !== needed) throw faults.noGcm(label);
}

function readPin({ pinSource }: Pkcs11Uri, label: string): string {
  const stated = process.env[PIN_VARIABLE];
  if (stated) return stated;
  if (pinSource === undefined) throw faults.noPin(label);
  try {
    return readFileSync(pinSource, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw faults.noPinFile(pinSource, error);
  }
}

/** A slot's handle is a C unsigned long. */
function slotNumber(slot: Handle): number {
  return slot.readUIntLE(0, Math.min(slot.length, 6));
}

function trimmed(text: string): string {
  return text.replace(/[\s\0]+$/, "");
}

import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Attribute, Handle, Mechanism } from "pkcs11js";
import { Fault } from "../../violation";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "../aes-wrapping";
import type { KeyVault } from "../key-vault";
import { notAsWrapped } from "../wrapped-key";
import * as faults from "./faults";
import { Pkcs11Module } from "./pkcs11-module";
import type { Pkcs11Uri } from "./pkcs11-uri";
import { TokenSession } from "./token-session";

/** A module may not see a token for a moment while another process writes to it. */
const RENEWALS_MS = [0, 100, 400];

export const MODULE_VARIABLE = "IMAGES_PKCS11_MODULE";

/**
 * Keys on a PKCS#11 token: an AES-256 object for each version, made there and never to be read from it. Its label is
 * the master key's ID, its CKA_ID `<ID>.<version>`.
 */
export class Pkcs11KeyVault implements KeyVault {
  private module: Pkcs11Module | undefined;
  private opened: TokenSession | undefined;

  constructor(private readonly uri: Pkcs11Uri) {}

  reach(): Promise<void> {
    return this.use("Opening the token of the master keys", async () => undefined);
  }

  /** Several at a time: a token takes its time for one, and looks for one among all that it has. */
  async generate(id: string, version: number, { isNew = false } = {}): Promise<void> {
    const generate = async (token: TokenSession) => {
      const { api, functions } = token.module;
      await token.writing((session) =>
        functions.C_GenerateKeyAsync(
          session,
          { mechanism: api.CKM_AES_KEY_GEN },
          templateOf(token, id, version),
        ),
      );
    };
    const unlessStanding = async (token: TokenSession) => {
      if (token.find(named(token, id, version)).length === 0) await generate(token);
    };
    const module = this.load();
    try {
      await module.runBeside(() => (isNew ? generate : unlessStanding)(this.session(module)));
    } catch (error) {
      if (Fault.is(error)) throw error;
      // The token may have no sessions for so many.
      await this.use(`Making version ${version} of master key ${id}`, unlessStanding);
    }
  }

  wrap(id: string, version: number, dataKey: Buffer, context: string): Promise<Buffer> {
    return this.use(`Wrapping a data key by master key ${id}`, async (token) => {
      const key = keyObject(token, id, version);
      return encrypt(token, key, dataKey, context);
    });
  }

  unwrap(id: string, version: number, sealed: Buffer, context: string): Promise<Buffer> {
    return this.use(`Unwrapping a data key by master key ${id}`, async (token) => {
      const key = keyObject(token, id, version);
      if (sealed.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) throw notAsWrapped(id);
      try {
        return await decrypt(token, key, sealed, context);
      } catch (error) {
        // Tokens differ in what they say of altered bytes: one that opens its own, and these not even then, refuses them.
        if (!(await opensItsOwn(token, key))) throw error;
        return decrypt(token, key, sealed, context).catch(() => {
          throw notAsWrapped(id);
        });
      }
    });
  }

  /* A token has no state for a key: whoever uses one looks at the key's own. */
  async disable(): Promise<void> {}
  async enable(): Promise<void> {}

  destroy(id: string): Promise<void> {
    return this.use(`Destroying master key ${id}`, async (token) => {
      const { api, functions } = token.module;
      const label = [{ type: api.CKA_LABEL, value: id }];
      await token.writing(async (session) => {
        for (let found = token.find(label); found.length > 0; found = token.find(label)) {
          for (const key of found) functions.C_DestroyObject(session, key);
        }
      });
    });
  }

  async close(): Promise<void> {
    const { module } = this;
    this.module = this.opened = undefined;
    await module?.release();
  }

  /** Again on a session opened anew, where the one before was lost with its token. */
  private async use<T>(doing: string, work: (token: TokenSession) => Promise<T>): Promise<T> {
    const module = this.load();
    return module.run(async () => {
      for (const pause of RENEWALS_MS) {
        try {
          return await work(this.session(module));
        } catch (error) {
          if (Fault.is(error)) throw error;
        }
        await wait(pause);
        module.renew();
      }
      try {
        return await work(this.session(module));
      } catch (error) {
        throw faults.lastly(doing, error);
      }
    });
  }

  private load(): Pkcs11Module {
    return (this.module ??= Pkcs11Module.open(modulePath(this.uri)));
  }

  private session(module: Pkcs11Module): TokenSession {
    if (!this.opened || this.opened.isVoid) this.opened = TokenSession.open(module, this.uri);
    return this.opened;
  }
}

function modulePath({ modulePath }: Pkcs11Uri): string {
  const path = process.env[MODULE_VARIABLE] || modulePath;
  if (!path) throw faults.noModulePath();
  return path;
}

function named({ module: { api } }: TokenSession, id: string, version: number): Attribute[] {
  return [
    { type: api.CKA_LABEL, value: id },
    { type: api.CKA_ID, value: Buffer.from(`${id}.${version}`) },
  ];
}

function templateOf(token: TokenSession, id: string, version: number): Attribute[] {
  const { api } = token.module;
  const can = [api.CKA_TOKEN, api.CKA_PRIVATE, api.CKA_SENSITIVE, api.CKA_ENCRYPT, api.CKA_DECRYPT];
  const cannot = [
    api.CKA_EXTRACTABLE,
    api.CKA_WRAP,
    api.CKA_UNWRAP,
    api.CKA_SIGN,
    api.CKA_VERIFY,
    api.CKA_DERIVE,
  ];
  return [
    { type: api.CKA_CLASS, value: api.CKO_SECRET_KEY },
    { type: api.CKA_KEY_TYPE, value: api.CKK_AES },
    { type: api.CKA_VALUE_LEN, value: KEY_BYTES },
    ...named(token, id, version),
    ...can.map((type) => ({ type, value: true })),
    ...cannot.map((type) => ({ type, value: false })),
  ];
}

function keyObject(token: TokenSession, id: string, version: number): Handle {
  return token.remembered(`${id}.${version}`, () => {
    const [only, ...others] = token.find(named(token, id, version));
    if (!only) throw new faults.Missing(faults.noKeyObject(token.label, id, version));
    if (others.length > 0) throw faults.severalKeyObjects(token.label, id, version);
    return only;
  });
}

/** Nonce, sealed bytes and tag, as `aesWrap` has them. */
async function encrypt(token: TokenSession, key: Handle, bytes: Buffer, context: string): Promise<Buffer> {
  const { functions } = token.module;
  const nonce = randomBytes(NONCE_BYTES);
  functions.C_EncryptInit(token.session, gcm(token, nonce, context), key);
  const room = Buffer.alloc(bytes.length + TAG_BYTES);
  return Buffer.concat([nonce, await functions.C_EncryptAsync(token.session, bytes, room)]);
}

async function decrypt(token: TokenSession, key: Handle, sealed: Buffer, context: string): Promise<Buffer> {
  const { functions } = token.module;
  functions.C_DecryptInit(token.session, gcm(token, sealed.subarray(0, NONCE_BYTES), context), key);
  const room = Buffer.alloc(sealed.length);
  const opened = await functions.C_DecryptAsync(token.session, sealed.subarray(NONCE_BYTES), room);
  try {
    return Buffer.from(opened);
  } finally {
    room.fill(0);
  }
}

async function opensItsOwn(token: TokenSession, key: Handle): Promise<boolean> {
  try {
    const probe = randomBytes(KEY_BYTES);
    return (await decrypt(token, key, await encrypt(token, key, probe, "probe"), "probe")).equals(probe);
  } catch {
    return false;
  }
}

function gcm({ module: { api } }: TokenSession, iv: Buffer, context: string): Mechanism {
  const aad = Buffer.from(context);
  const parameter = { type: api.CK_PARAMS_AES_GCM, iv, ivBits: NONCE_BYTES * 8, aad, tagBits: TAG_BYTES * 8 };
  return { mechanism: api.CKM_AES_GCM, parameter };
}

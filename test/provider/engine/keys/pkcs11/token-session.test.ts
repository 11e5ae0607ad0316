import { expect } from "chai";
import type * as Pkcs11 from "pkcs11js";
import type { Pkcs11Module } from "../../../../../provider/engine/keys/pkcs11/pkcs11-module";
import { TokenSession } from "../../../../../provider/engine/keys/pkcs11/token-session";
import { withEnv } from "../../../../support/s3-server";
import { describeWithSoftHsm } from "../../../../support/softhsm";
import { fault } from "../key-service.contract";

const api = loadApi();
const GCM = api.CKF_ENCRYPT | api.CKF_DECRYPT;

/** A token as its module tells of it, for what SoftHSM never tells. Keeps the PINs that it was given. */
function tokenThat(tells: { flags?: number; mechanism?: number; refuses?: number }) {
  const pins: unknown[] = [];
  const sessions = { count: 0 };
  const refusal = (code: number) => Object.assign(new Error(`CKR ${code}`), { code });
  const functions = {
    C_GetSlotList: () => [Buffer.alloc(8)],
    C_GetTokenInfo: () => ({
      ...{ label: "images  ", manufacturerID: "", model: "", serialNumber: "1  " },
      flags: api.CKF_LOGIN_REQUIRED | (tells.flags ?? 0),
    }),
    C_GetMechanismInfo: () => {
      if (tells.mechanism === undefined) throw refusal(api.CKR_MECHANISM_INVALID);
      return { flags: tells.mechanism };
    },
    C_OpenSession: () => {
      sessions.count++;
      return Buffer.alloc(8);
    },
    C_CloseSession: () => sessions.count--,
    C_Login: (_session: Buffer, _user: number, pin: unknown) => {
      pins.push(pin);
      if (tells.refuses !== undefined) throw refusal(tells.refuses);
    },
  };
  const refused = new Set<string>();
  const module = {
    ...{ api, functions, path: "/lib/token.so", generation: 1 },
    refuse: (serial: string, pin: string) => refused.add(serial + pin),
    hasRefused: (serial: string, pin: string) => refused.has(serial + pin),
  } as unknown as Pkcs11Module;
  const open = async () => TokenSession.open(module, { token: { token: "images" } });
  return { open, pins, sessions };
}

describeWithSoftHsm("a session with a token", () => {
  const withPin = <T>(work: () => Promise<T>) => withEnv({ IMAGES_PKCS11_PIN: "4711" }, work);

  it("needs AES-GCM, both ways", () =>
    withPin(async () => {
      for (const mechanism of [undefined, api.CKF_ENCRYPT, 0]) {
        expect(await fault(tokenThat({ mechanism }).open())).to.contain("can't encrypt by AES-GCM");
      }
    }));

  it("gives no PIN where one more wrong one would lock the token", () =>
    withPin(async () => {
      const { open, pins } = tokenThat({ mechanism: GCM, flags: api.CKF_USER_PIN_FINAL_TRY });
      expect(await fault(open()))
        .to.contain("one more locks it")
        .and.contain("Log in to it once");
      expect(pins).to.deep.equal([]);
    }));

  it("says that a token is locked", () =>
    withPin(async () => {
      for (const tells of [{ flags: api.CKF_USER_PIN_LOCKED }, { refuses: api.CKR_PIN_LOCKED }]) {
        expect(await fault(tokenThat({ mechanism: GCM, ...tells }).open())).to.contain(
          'token "images" is locked',
        );
      }
    }));

  it("lets a token ask for its PIN by itself", () =>
    withEnv({ IMAGES_PKCS11_PIN: undefined }, async () => {
      const { open, pins } = tokenThat({ mechanism: GCM, flags: api.CKF_PROTECTED_AUTHENTICATION_PATH });
      expect((await open()).label).to.equal("images");
      expect(pins).to.deep.equal([undefined]);
    }));

  it("is fine where another session of the process has logged in", () =>
    withPin(async () => {
      const { open } = tokenThat({ mechanism: GCM, refuses: api.CKR_USER_ALREADY_LOGGED_IN });
      expect((await open()).label).to.equal("images");
    }));

  it("gives a PIN that was refused not once more, however it was refused", () =>
    withPin(async () => {
      for (const refuses of [api.CKR_PIN_INCORRECT, api.CKR_PIN_INVALID, api.CKR_PIN_LEN_RANGE]) {
        const { open, pins, sessions } = tokenThat({ mechanism: GCM, refuses });
        for (let time = 0; time < 3; time++) expect(await fault(open())).to.contain("the PIN isn't that");
        expect(pins).to.deep.equal(["4711"]);
        expect(sessions.count).to.equal(0);
      }
    }));
});

/** Empty where it isn't installed: the suite is skipped then. */
function loadApi(): typeof Pkcs11 {
  try {
    return require("pkcs11js") as typeof Pkcs11;
  } catch {
    return {} as typeof Pkcs11;
  }
}

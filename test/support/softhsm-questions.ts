import type * as Pkcs11 from "pkcs11js";

/** Asks the first token of a module something by plain PKCS#11, in a process of its own. Answers in one line of JSON. */
function main([module, pin, question, ...args]: string[]): void {
  const api = require("pkcs11js") as typeof Pkcs11;
  const token = new api.PKCS11();
  token.load(module!);
  token.C_Initialize();
  const [slot] = token.C_GetSlotList(true);
  const questions: Record<string, (...args: string[]) => unknown> = {
    wasRefusedAPin: () => (token.C_GetTokenInfo(slot!).flags & api.CKF_USER_PIN_COUNT_LOW) !== 0,
    describeKey(label) {
      const session = token.C_OpenSession(slot!, api.CKF_SERIAL_SESSION);
      token.C_Login(session, api.CKU_USER, pin);
      token.C_FindObjectsInit(session, [{ type: api.CKA_LABEL, value: label }]);
      const [key] = token.C_FindObjects(session, 2);
      const read = (type: number) => token.C_GetAttributeValue(session, key!, [{ type }])[0]!.value;
      const is = (type: number) => read(type)[0] === 1;
      return {
        label: read(api.CKA_LABEL).toString(),
        id: read(api.CKA_ID).toString(),
        token: is(api.CKA_TOKEN),
        private: is(api.CKA_PRIVATE),
        sensitive: is(api.CKA_SENSITIVE),
        alwaysSensitive: is(api.CKA_ALWAYS_SENSITIVE),
        extractable: is(api.CKA_EXTRACTABLE),
        neverExtractable: is(api.CKA_NEVER_EXTRACTABLE),
        wrap: is(api.CKA_WRAP),
        unwrap: is(api.CKA_UNWRAP),
        value: refusalOf(() => read(api.CKA_VALUE)),
      };
    },
  };
  process.stdout.write(JSON.stringify(questions[question!]!(...args)));
}

function refusalOf(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

if (require.main === module) main(process.argv.slice(2));

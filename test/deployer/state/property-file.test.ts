import { expect } from "chai";
import * as fc from "fast-check";
import { newCrypter } from "../../../deployer/secrets/crypter";
import type { Crypter } from "../../../deployer/secrets/crypter";
import { PropertyFile } from "../../../deployer/state/property-file";
import { secret } from "../../../deployer/wire/property-value";
import type { PropertyValue } from "../../../deployer/wire/property-value";

describe("properties in a file", () => {
  let crypter: Crypter;
  before(async () => {
    crypter = await newCrypter("test");
  });

  const { value } = fc.letrec<{ value: PropertyValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<PropertyValue>(null, true, 0, 1.5, "", "text", "<&>"),
      fc.string(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }).map((it) => ({ ...it })),
      tie("value").map(secret),
    ),
  }));

  it("come back as they were, secrets inside secrets too, whatever they hold", () => {
    fc.assert(
      fc.property(value, (it) => {
        const text = JSON.stringify(new PropertyFile(crypter).write({ it }, "urn inputs"));
        expect(new PropertyFile(crypter).read(JSON.parse(text), "urn inputs")).to.deep.equal({ it });
      }),
    );
  });

  it("are written the same twice, secrets too, by one that has read or written them", () => {
    fc.assert(
      fc.property(value, (it) => {
        const file = new PropertyFile(crypter);
        const once = file.write({ it }, "urn inputs");
        expect(file.write({ it }, "urn inputs")).to.deep.equal(once);
      }),
    );
  });

  it("show secrets in plain text where that is asked for, in a form that can be read back", () => {
    const shown = new PropertyFile(undefined, "plaintext").write({ token: secret({ a: 1 }) }, "urn inputs");
    expect(JSON.stringify(shown)).to.include(String.raw`"plaintext":"{\"a\":1}"`);
    expect(new PropertyFile().read(shown, "urn inputs")).to.deep.equal({ token: secret({ a: 1 }) });
  });

  it("name the place of a secret that is neither ciphertext nor plaintext", () => {
    const broken = { token: { ...secret(1), value: null } };
    expect(() => new PropertyFile(crypter).read(broken, "urn inputs")).to.throw(/^urn inputs\.token: /);
  });
});

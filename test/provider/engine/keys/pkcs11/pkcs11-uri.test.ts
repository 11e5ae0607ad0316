import { expect } from "chai";
import { parsePkcs11Uri } from "../../../../../provider/engine/keys/pkcs11/pkcs11-uri";
import { ViolationError } from "../../../../../provider/engine/violation";

describe("a pkcs11: URL", () => {
  const whole =
    "pkcs11:token=image%20keys;serial=1b15;manufacturer=SoftHSM%20project;model=v2;slot-id=7" +
    "?module-path=/usr/lib/softhsm.so&pin-source=file:/run/pin";

  it("says which token, by which module, and where the PIN is", () => {
    expect(parsePkcs11Uri(whole)).to.deep.equal({
      token: { token: "image keys", serial: "1b15", manufacturer: "SoftHSM project", model: "v2" },
      slotId: 7,
      modulePath: "/usr/lib/softhsm.so",
      pinSource: "/run/pin",
    });
  });

  it("needs no more than the token", () => {
    expect(parsePkcs11Uri("pkcs11:token=images").token).to.deep.equal({ token: "images" });
    expect(parsePkcs11Uri("PKCS11:serial=1b15").token).to.deep.equal({ serial: "1b15" });
  });

  for (const source of ["/run/pin", "file:/run/pin", "file:///run/pin", "file://localhost/run/pin"]) {
    it(`takes ${source} for the PIN's file`, () => {
      expect(parsePkcs11Uri(`pkcs11:token=t?pin-source=${source}`).pinSource).to.equal("/run/pin");
    });
  }

  const wrong: [string, string, RegExp][] = [
    ["without a token", "pkcs11:", /"token".*label, or its serial/],
    ["with only a model", "pkcs11:model=v2", /"token".*label, or its serial/],
    ["with a PIN", "pkcs11:token=t?pin-value=4711", /"pin-value".*IMAGES_PKCS11_PIN/],
    ["with a command for the PIN", "pkcs11:token=t?pin-source=|cat", /"pin-source".*Commands/],
    ["with a PIN's file beside it", "pkcs11:token=t?pin-source=pin", /"pin-source".*whole path/],
    ["with a module's name", "pkcs11:token=t?module-name=softhsm", /"module-name".*module-path/],
    ["with a key's name", "pkcs11:token=t;object=k", /"object".*names its keys itself/],
    ["with an unknown attribute", "pkcs11:token=t;colour=red", /"colour".*known/],
    ["with an attribute twice", "pkcs11:token=t;token=u", /"token".*twice/],
    ["with an attribute and no value", "pkcs11:token", /"token".*no value/],
    ["with a half-written %", "pkcs11:token=a%2", /"token".*%25/],
    ["with a word for its slot", "pkcs11:token=t;slot-id=first", /"slot-id".*number/],
  ];
  for (const [what, url, says] of wrong) {
    it(`is refused ${what}, without a word of any value`, () => {
      let error: unknown;
      try {
        parsePkcs11Uri(url);
      } catch (thrown) {
        error = thrown;
      }
      expect(ViolationError.is(error)).to.equal(true);
      expect((error as ViolationError).message)
        .to.match(says)
        .and.not.to.contain("4711");
    });
  }
});

import { expect } from "chai";
import { newCrypter, openCrypter } from "../../../deployer/secrets/crypter";

/** Written by the Pulumi CLI under the passphrase "test". */
const CLI_SALT = "v1:hs8MOlxZBsY=:v1:waWuJIPDtlBi7dRJ:9xlG1Dsurl5nQX+aYsia0CW8SAY2sw==";
const CLI_SECRET = "v1:NHF+78AI2PfVj1PQ:1evSIXS4evu3EXfDuPQ9v2+QGvM2/qw=";

describe("crypter", () => {
  it("reads what the Pulumi CLI encrypted", async () => {
    const crypter = await openCrypter("test", CLI_SALT);
    expect(crypter!.decrypt(CLI_SECRET)).to.equal("hunter2");
  });

  it("reads again what it wrote, with its salt alone", async () => {
    const made = await newCrypter("");
    const again = await openCrypter("", made.salt);
    expect(again!.decrypt(made.encrypt("naïve 🔑"))).to.equal("naïve 🔑");
  });

  it("encrypts the same text differently each time", async () => {
    const crypter = (await openCrypter("test", CLI_SALT))!;
    expect(crypter.encrypt("x")).not.to.equal(crypter.encrypt("x"));
  });

  it("tells a wrong passphrase", async () => {
    expect(await openCrypter("wrong", CLI_SALT)).to.equal(undefined);
  });

  it("refuses a damaged secret without showing it", async () => {
    const crypter = (await openCrypter("test", CLI_SALT))!;
    const damaged = CLI_SECRET.replace("1evS", "1evT");
    expect(() => crypter.decrypt(damaged))
      .to.throw(/can't be decrypted/)
      .with.property("name", "UserError");
    expect(() => crypter.decrypt("hunter2")).to.throw(/can't be decrypted/);
  });

  it("refuses a damaged salt line", async () => {
    const error = await openCrypter("test", "v2:abc").catch((it: Error) => it);
    expect(error).to.have.property("name", "UserError");
  });
});

import bcryptjs from "bcryptjs";
import { expect } from "chai";
import { bcrypt } from "../../../deployer/random/bcrypt";

describe("deployer/random/bcrypt", () => {
  it("hashes a password as Pulumi's plugin does, with 2^10 rounds and a salt of its own", async () => {
    const [one, other] = [await bcrypt("Grüße, 9!"), await bcrypt("Grüße, 9!")];
    expect(one).to.match(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(other).not.to.equal(one);
    expect(await bcryptjs.compare("Grüße, 9!", one)).to.equal(true);
    expect(await bcryptjs.compare("other", one)).to.equal(false);
  });
});

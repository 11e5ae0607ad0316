import { expect } from "chai";
import { bcrypt } from "../../../deployer/random/bcrypt";
import { wordsOfPi } from "../../../deployer/random/pi";

describe("deployer/random/bcrypt", () => {
  it("starts from the digits of pi", () => {
    expect([...wordsOfPi(3)]).to.deep.equal([0x243f6a88, 0x85a308d3, 0x13198a2e]);
  });

  /** The last word of Blowfish's four boxes: every digit before it took part in the sum. */
  it("has all the digits that Blowfish needs", () => {
    expect(wordsOfPi(18 + 4 * 256).at(-1)).to.equal(0x3ac372e6);
  });

  const known: [password: string, hash: string][] = [
    ["", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."],
    ["abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"],
    ["Grüße, 9!", "$2a$05$8AwTIxeDc6Ve2qIGdOAU2.L2wDJtIgZcbL7O1GBuGKJja/FYxul.G"],
  ];
  for (const [password, hash] of known) {
    it(`hashes "${password}" as other implementations do`, async () => {
      const [, , cost, rest] = hash.split("$");
      expect(await bcrypt(password, { cost: Number(cost), salt: decode(rest!.slice(0, 22)) })).to.equal(hash);
    });
  }

  it("salts each hash afresh, and takes the first 72 bytes", async () => {
    const salt = Buffer.alloc(16, 7);
    const long = "é".repeat(36);
    expect(await bcrypt(long, { cost: 4, salt })).to.equal(await bcrypt(`${long}more`, { cost: 4, salt }));
    expect(await bcrypt("a", { cost: 4 })).not.to.equal(await bcrypt("a", { cost: 4 }));
  });
});

/** From bcrypt's own base 64. */
function decode(text: string): Buffer {
  const bcrypts = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return Buffer.from(
    text.replace(/./g, (c) => standard[bcrypts.indexOf(c)]!),
    "base64",
  );
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Passphrase } from "../../../deployer/secrets/passphrase";

const SALT = "v1:hs8MOlxZBsY=:v1:waWuJIPDtlBi7dRJ:9xlG1Dsurl5nQX+aYsia0CW8SAY2sw==";

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe("passphrase", () => {
  it("comes from PULUMI_CONFIG_PASSPHRASE", async () => {
    const crypter = await new Passphrase({ PULUMI_CONFIG_PASSPHRASE: "test" }).open(SALT);
    expect(crypter.salt).to.equal(SALT);
  });

  it("comes from the file of PULUMI_CONFIG_PASSPHRASE_FILE, its white space left out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "passphrase-"));
    try {
      await writeFile(join(folder, "phrase"), "test\n");
      await new Passphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "phrase") }).open(SALT);
      const missing = new Passphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "none") }).open(SALT);
      expect(await failure(missing)).to.match(/UserError: .*none.*no such file/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("may be empty", async () => {
    const crypter = await new Passphrase({ PULUMI_CONFIG_PASSPHRASE: "" }).create();
    expect(crypter.salt).to.match(/^v1:/);
  });

  it("is asked for once where there is a terminal", async () => {
    let asked = 0;
    const passphrase = new Passphrase({}, async () => {
      asked++;
      return "test";
    });
    const [one, two] = await Promise.all([passphrase.open(SALT), passphrase.open(SALT)]);
    expect(one).to.equal(two);
    await passphrase.create();
    expect(asked).to.equal(1);
  });

  it("is asked for twice where it is new, and must be the same", async () => {
    const answers = ["one", "one", "one", "two"];
    const prompt = async (): Promise<string> => answers.shift()!;
    await new Passphrase({}, prompt).create();
    expect(await failure(new Passphrase({}, prompt).create())).to.match(
      /UserError: The two passphrases differ/,
    );
  });

  it("says how to set it where there is none", async () => {
    expect(await failure(new Passphrase({}).open(SALT))).to.match(/UserError: .*PULUMI_CONFIG_PASSPHRASE/);
  });

  it("says that it is wrong", async () => {
    const wrong = new Passphrase({ PULUMI_CONFIG_PASSPHRASE: "no" }).open(SALT);
    expect(await failure(wrong)).to.match(/UserError: Incorrect passphrase/);
  });
});

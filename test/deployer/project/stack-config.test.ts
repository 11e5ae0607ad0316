import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadProject } from "../../../deployer/project/project";
import { fullKey, StackConfig } from "../../../deployer/project/stack-config";
import { openCrypter } from "../../../deployer/secrets/crypter";
import type { Crypter } from "../../../deployer/secrets/crypter";

/** Written by the Pulumi CLI under the passphrase "test". */
const CLI_FILE = `encryptionsalt: v1:hs8MOlxZBsY=:v1:waWuJIPDtlBi7dRJ:9xlG1Dsurl5nQX+aYsia0CW8SAY2sw==
config:
  shop:token:
    secure: v1:NHF+78AI2PfVj1PQ:1evSIXS4evu3EXfDuPQ9v2+QGvM2/qw=
  shop:greeting: salut
  shop:list:
    - a
    - k:
        secure: v1:KtFr+NyhSZnxnkEl:zOz4D3JQh4X5H1BSyj5Vd50eKWDsFQ==
`;

describe("Pulumi.STACK.yaml", () => {
  let dir: string;
  let file: string;
  let crypter: Crypter;
  before(async () => {
    crypter = (await openCrypter("test", /v1:\S*/.exec(CLI_FILE)![0]))!;
  });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "config-"));
    file = join(dir, "Pulumi.dev.yaml");
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function load(stack?: string, project = ""): Promise<StackConfig> {
    await writeFile(join(dir, "Pulumi.yaml"), `name: shop\nruntime: nodejs\n${project}`);
    if (stack !== undefined) await writeFile(file, stack);
    return StackConfig.load(await loadProject(dir), "dev");
  }

  const refusal = (work: () => unknown): Promise<string> =>
    Promise.resolve()
      .then(work)
      .then(
        () => "no error",
        (error: Error) => `${error.name}: ${error.message.replace(`${dir}/`, "")}`,
      );

  it("of the CLI's gives plain text, objects as JSON, and the keys that hold secrets", async () => {
    const config = await load(CLI_FILE);
    const { values, secretKeys } = config.resolve(crypter);
    expect(values).to.deep.equal({
      "shop:token": "hunter2",
      "shop:greeting": "salut",
      "shop:list": '["a",{"k":"sesame"}]',
    });
    expect([...secretKeys]).to.deep.equal(["shop:token", "shop:list"]);
    expect(config.salt).to.equal(crypter.salt);
  });

  it("keeps its comments and order when a value is set or removed", async () => {
    const config = await load(
      "# why\nconfig:\n  # the region\n  images:region: local # here\n  shop:a: 1\n  shop:b: '2'\n",
    );
    config.setValue("shop:c", "3");
    config.setValue("images:region", "mars");
    expect(config.removeValue("shop:a")).to.equal(true);
    expect(config.removeValue("shop:a")).to.equal(false);
    await config.save();
    expect(await readFile(file, "utf8")).to.equal(
      `# why\nconfig:\n  # the region\n  images:region: mars # here\n  shop:b: '2'\n  shop:c: "3"\n`,
    );
  });

  it("is made with its first value, and takes secrets encrypted", async () => {
    const config = await load();
    expect(config.isNew).to.equal(true);
    config.salt = crypter.salt;
    config.setValue("shop:token", "hunter2", crypter);
    await config.save();
    expect(await readFile(file, "utf8"))
      .to.match(/^encryptionsalt: v1:/)
      .and.not.to.include("hunter2");
    const again = await load();
    expect(again.read("shop:token", crypter)).to.deep.equal({ value: "hunter2", secret: true });
  });

  it("goes before what the project says, which fills what is missing", async () => {
    const config = await load(
      "config:\n  shop:size: 5\n",
      "config:\n  size: { type: integer, default: 3 }\n  greeting: hello\n",
    );
    expect(config.resolve().values).to.deep.equal({ "shop:size": "5", "shop:greeting": "hello" });
  });

  const refused: [what: string, stack: string, project: string, message: RegExp][] = [
    [
      "an environment",
      "environment:\n  - prod\n",
      "",
      /Pulumi.dev.yaml:1: "environment" isn't supported by images/,
    ],
    [
      "another secrets provider",
      "secretsprovider: awskms://x\n",
      "",
      /The secrets provider "awskms:\/\/x" isn't supported/,
    ],
    ["an unknown key", "encryptedkey: abc\n", "", /"encryptedkey" isn't supported/],
    [
      "names that the CLI would make otherwise",
      "config:\n  pulumi:autonaming: { mode: verbatim }\n",
      "",
      /Pulumi.dev.yaml: The configuration "pulumi:autonaming" isn't supported/,
    ],
    [
      "default providers that the CLI wouldn't make",
      "",
      "config:\n  pulumi:disable-default-providers: { value: ['*'] }\n",
      /The configuration "pulumi:disable-default-providers" isn't supported/,
    ],
    ["a key that is none", "config:\n  a:b:c: 1\n", "", /Pulumi.dev.yaml:2: "a:b:c" is no configuration key/],
    [
      "a value that the project asks for and nobody gives",
      "config: {}\n",
      "config:\n  size: { type: integer }\n",
      /missing that Pulumi.yaml asks for: size/,
    ],
    [
      "a value of another type",
      "config:\n  shop:size: big\n",
      "config:\n  size: { type: integer }\n",
      /Pulumi.dev.yaml:2: "shop:size" must be of the type integer/,
    ],
    [
      "a secret in plain text",
      "config:\n  shop:t: x\n",
      "config:\n  t: { type: string, secret: true }\n",
      /Pulumi.dev.yaml:2: .*is secret, and here it stands in plain text/,
    ],
    [
      "a secret without a salt",
      "config:\n  shop:t:\n    secure: v1:a:b\n",
      "",
      /shop:t is secret, but the stack has no encryption salt/,
    ],
  ];
  for (const [what, stack, project, message] of refused) {
    it(`is refused with ${what}`, async () => {
      expect(await refusal(async () => (await load(stack, project)).resolve()))
        .to.match(/^UserError/)
        .and.match(message);
    });
  }

  it("accepts keys in every form that the CLI does", () => {
    expect(fullKey("size", "shop")).to.equal("shop:size");
    expect(fullKey("aws:region", "shop")).to.equal("aws:region");
    expect(fullKey("aws:config:region", "shop")).to.equal("aws:region");
  });
});

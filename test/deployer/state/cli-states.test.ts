import { readdir, readFile, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { SECRET, SIGNATURE } from "../../../deployer/wire/property-value";
import { failure, StackFolder } from "./stack-folder";

/** States that the Pulumi CLI wrote, each with its project's name. */
const CLI_STATES = { "rich.json": "shop", "replaced.json": "slow", "killed.json": "slow" };

const withoutManifest = (text: string): string => text.replace(/"manifest":\{[^}]*\}/, "");

describe("a state that the Pulumi CLI wrote", () => {
  let folder: StackFolder;
  afterEach(() => folder.remove());

  for (const [file, project] of Object.entries(CLI_STATES)) {
    it(`is written again byte for byte, but for the manifest, secrets with their ciphertext: ${file}`, async () => {
      folder = await StackFolder.make(file, project);
      const before = await folder.checkpoint();
      const session = await folder.store().begin("up");
      await session.finish(session.base, "succeeded", { same: 5 });
      expect(withoutManifest(await folder.checkpoint())).to.equal(withoutManifest(before));
      expect(await folder.checkpoint()).not.to.equal(before);
    });
  }

  it("has its secrets in plain text in memory, marked", async () => {
    folder = await StackFolder.make("rich.json");
    const { snapshot } = await folder.store().load();
    const plain = snapshot.resources.find((it) => it.urn.endsWith("::plain"))!;
    expect(plain.inputs!.nested).to.deep.equal({
      s: { [SIGNATURE]: SECRET, value: { deep: "y", z: 1 } },
    });
    expect(snapshot.resources[0]!.outputs!.token).to.deep.equal({ [SIGNATURE]: SECRET, value: "hunter2" });
  });

  it("keeps a resource that waits for its deletion, and says which creation was cut off", async () => {
    folder = await StackFolder.make("killed.json", "slow");
    const { snapshot, recovered } = await folder.store().load();
    expect(snapshot.resources.filter((it) => it.delete).map((it) => it.id)).to.deep.equal(["first-1"]);
    expect(snapshot.pendingOperations.map((it) => it.type)).to.deep.equal(["creating"]);
    expect(recovered.join()).to.match(/cut off while creating Thing slow/);
  });

  it("is refused by the name of the feature where its version is newer, and left as it was", async () => {
    folder = await StackFolder.make("tainted.json", "slow");
    const before = await folder.checkpoint();
    expect(await failure(folder.store().load())).to.match(/UserError: .*version 4 for taint/);
    expect(await failure(folder.store().begin("up"))).to.match(/taint/);
    expect(await folder.checkpoint()).to.equal(before);
    expect(await readdir(folder.files.locks)).to.deep.equal([]);
  });

  const edits: [what: string, from: string, to: string, message: RegExp][] = [
    [
      "a resource's field that isn't supported",
      `"id":"plain-1"`,
      `"id":"plain-1","importID":"x"`,
      /"importID" of .*plain/,
    ],
    ["an unknown field", `"metadata":{}`, `"metadata":{},"snippets":[{"uuid":"1"}]`, /"snippets"/],
    ["another secrets provider", `"type":"passphrase"`, `"type":"service"`, /"service" isn't supported/],
    [
      "an integrity error of an earlier run",
      `"metadata":{}`,
      `"metadata":{"integrity_error":{"error":"x"}}`,
      /metadata|integrity/,
    ],
    ["a future version", `{"version":3`, `{"version":5`, /version 5/],
    ["an old version", `{"version":3`, `{"version":2`, /old format version 2/],
    ["text that isn't JSON", `{"version":3`, `<<<<<<< mine`, /isn't JSON.*dev\.json\.bak has the state/],
    [
      "resources that are no list of objects",
      `"resources":[`,
      `"resources":[null,`,
      /"resources" isn't a list/,
    ],
    [
      "an archive",
      `"f":1.5`,
      `"f":{"4dabf18193072939515e22adb298388d":"0def7320c3a5731c473e5ecbe6d01bc7"}`,
      /An archive isn't/,
    ],
    [
      "a dependency that is missing",
      `hush-1","type"`,
      `hush-1","deletedWith":"urn:pulumi:dev::shop::a:b:C::gone","type"`,
      /missing/,
    ],
    [
      "a field of the wrong kind",
      `"retainOnDelete":true`,
      `"retainOnDelete":"yes"`,
      /"retainOnDelete" of the wrong kind/,
    ],
  ];
  for (const [what, from, to, message] of edits) {
    it(`is refused for ${what}, and left as it was`, async () => {
      folder = await StackFolder.make("rich.json");
      const text = (await folder.checkpoint()).replace(from, to);
      expect(text).to.include(to);
      await writeFile(folder.files.checkpoint, text);
      expect(await failure(folder.store().load()))
        .to.match(/^UserError/)
        .and.match(message);
      expect(await failure(folder.store().begin("up"))).to.match(message);
      expect(await readFile(folder.files.checkpoint, "utf8")).to.equal(text);
    });
  }

  it("needs the passphrase that its secrets were encrypted under", async () => {
    folder = await StackFolder.make("rich.json");
    const wrong = folder.store({ PULUMI_CONFIG_PASSPHRASE: "wrong" });
    expect(await failure(wrong.load())).to.match(/UserError: Incorrect passphrase/);
    expect(await failure(folder.store({}).load())).to.match(/UserError: No passphrase/);
  });
});

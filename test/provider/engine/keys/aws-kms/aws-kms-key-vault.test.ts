import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-kms";
import { expect } from "chai";
import { AwsKmsKeyVault } from "../../../../../provider/engine/keys/aws-kms/aws-kms-key-vault";
import { FolderKeyStorage } from "../../../../../provider/engine/keys/folder/folder-key-storage";
import { StoredKeyService } from "../../../../../provider/engine/keys/stored-key-service";
import { describeWithKms, KmsEmulator } from "../../../../support/kms-emulator";
import { withEnv } from "../../../../support/s3-server";
import { fault, keyServiceContract } from "../key-service.contract";
import { putEnv } from "../vaults";

const CONTEXT = "v1.key-x.1";
const dataKey = Buffer.alloc(32, 7);

describeWithKms("keys in AWS KMS", () => {
  let emulator: KmsEmulator;
  let environment: NodeJS.ProcessEnv;
  let client: sdk.KMSClient;
  let made = 0;
  before(async () => {
    emulator = await KmsEmulator.start();
    environment = putEnv(emulator.env);
    client = new sdk.KMSClient({});
  });
  after(async () => {
    client.destroy();
    putEnv(environment);
    await emulator.end();
  });

  /** Keys of its own for each test. */
  const vaultOf = () => new AwsKmsKeyVault({ aliasPrefix: `alias/test-${++made}` });
  const states = async (id: string, versions: number) => {
    const found = [];
    for (let version = 1; version <= versions; version++) {
      const KeyId = `alias/test-${made}/${id}/${version}`;
      found.push((await client.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState);
    }
    return found;
  };

  keyServiceContract("StoredKeyService on a folder and AWS KMS", async () => {
    const root = await mkdtemp(join(tmpdir(), "images-keys-"));
    return {
      open: (now) => new StoredKeyService(new FolderKeyStorage(join(root, "keys")), vaultOf(), now),
      tearDown: () => rm(root, { recursive: true }),
    };
  });

  it("are one of its keys for each version, made once however often it is asked for", async () => {
    const vault = vaultOf();
    await vault.generate("key-1", 1);
    const sealed = await vault.wrap("key-1", 1, dataKey, CONTEXT);
    await vault.generate("key-1", 1);
    await vault.generate("key-1", 2);
    expect(await vault.unwrap("key-1", 1, sealed, CONTEXT)).to.deep.equal(dataKey);
    expect(await states("key-1", 2)).to.deep.equal(["Enabled", "Enabled"]);
    await vault.close();
  });

  it("tell a data key that another key, version or context sealed, or of which a bit was turned", async () => {
    const vault = vaultOf();
    for (const version of [1, 2]) await vault.generate("key-1", version);
    const sealed = await vault.wrap("key-1", 1, dataKey, CONTEXT);
    const turned = Buffer.from(sealed);
    turned[turned.length - 1]! ^= 1;
    for (const use of [
      () => vault.unwrap("key-1", 2, sealed, CONTEXT),
      () => vault.unwrap("key-1", 1, sealed, "v1.key-x.2"),
      () => vault.unwrap("key-1", 1, turned, CONTEXT),
    ]) {
      expect(await fault(use())).to.contain("altered");
    }
    await vault.close();
  });

  it("are disabled and enabled there in every version", async () => {
    const vault = vaultOf();
    for (const version of [1, 2]) await vault.generate("key-1", version);
    await vault.disable("key-1", 2);
    expect(await states("key-1", 2)).to.deep.equal(["Disabled", "Disabled"]);
    await vault.enable("key-1", 2);
    expect(await states("key-1", 2)).to.deep.equal(["Enabled", "Enabled"]);
    await vault.close();
  });

  it("are scheduled for deletion there in every version, one that a cut-off rotation left included", async () => {
    const vault = vaultOf();
    for (const version of [1, 2, 3]) await vault.generate("key-1", version);
    await vault.destroy("key-1", 2);
    await vault.destroy("key-1", 2);
    expect(await states("key-1", 3)).to.deep.equal(["PendingDeletion", "PendingDeletion", "PendingDeletion"]);
    await vault.close();
  });

  it("say where to look for a key that AWS hasn't got", async () => {
    const vault = vaultOf();
    const says = await fault(vault.wrap("key-1", 1, dataKey, CONTEXT));
    expect(says).to.contain("has no key for key-1").and.contain("region");
    await vault.close();
  });

  it("say that AWS is out of reach, and answer again afterwards", async () => {
    const vault = vaultOf();
    await withEnv({ AWS_ENDPOINT_URL_KMS: "http://127.0.0.1:1" }, async () => {
      expect(await fault(vault.generate("key-1", 1))).to.contain("AWS KMS is out of reach (ECONNREFUSED)");
      await vault.close();
    });
    await vault.generate("key-1", 1);
    await vault.close();
  });
});

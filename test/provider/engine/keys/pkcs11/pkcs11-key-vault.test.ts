import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { MemoryKeyStorage } from "../../../../../provider/engine/keys/memory/memory-key-storage";
import { FolderKeyStorage } from "../../../../../provider/engine/keys/folder/folder-key-storage";
import { openKeyVault } from "../../../../../provider/engine/keys/open-key-vault";
import { Pkcs11KeyVault } from "../../../../../provider/engine/keys/pkcs11/pkcs11-key-vault";
import { parsePkcs11Uri } from "../../../../../provider/engine/keys/pkcs11/pkcs11-uri";
import { StoredKeyService } from "../../../../../provider/engine/keys/stored-key-service";
import { withEnv } from "../../../../support/s3-server";
import { describeWithSoftHsm, SoftHsm, softHsmModule } from "../../../../support/softhsm";
import { fault, keyServiceContract } from "../key-service.contract";
import { putEnv } from "../vaults";

const KEY = "key-00000000000a";
const CONTEXT = `v1.${KEY}.1`;

describeWithSoftHsm("keys on a PKCS#11 token", () => {
  let hsm: SoftHsm;
  let environment: NodeJS.ProcessEnv;
  beforeEach(async () => {
    hsm = await SoftHsm.make();
    environment = putEnv(hsm.env);
  });
  afterEach(async () => {
    putEnv(environment);
    await hsm.remove();
  });

  keyServiceContract("StoredKeyService on a folder and a PKCS#11 token", async () => {
    const root = await mkdtemp(join(tmpdir(), "images-keys-"));
    return {
      open: (now) =>
        new StoredKeyService(new FolderKeyStorage(join(root, "keys")), openKeyVault(hsm.url), now),
      tearDown: () => rm(root, { recursive: true }),
    };
  });

  /** A vault on the token, closed at the end. */
  async function withVault<T>(work: (vault: Pkcs11KeyVault) => Promise<T>, url = hsm.url): Promise<T> {
    const vault = new Pkcs11KeyVault(parsePkcs11Uri(url));
    try {
      return await work(vault);
    } finally {
      await vault.close();
    }
  }

  const dataKey = Buffer.alloc(32, 7);

  it("are made there, sensitive, never to be extracted, for nothing but sealing", async () => {
    await withVault((vault) => vault.generate(KEY, 1));
    const object = await hsm.describeKey(KEY);
    expect(object).to.deep.equal({
      label: KEY,
      id: `${KEY}.1`,
      token: true,
      private: true,
      sensitive: true,
      alwaysSensitive: true,
      extractable: false,
      neverExtractable: true,
      wrap: false,
      unwrap: false,
      value: "CKR_ATTRIBUTE_SENSITIVE",
    });
  });

  it("are made once, however often a change that was cut off asks for them", async () => {
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      await vault.generate(KEY, 1);
      expect(await vault.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
    });
  });

  it("are made many at a time, beside others that are used, and again where that was cut off", async () => {
    const ids = Array.from({ length: 24 }, (_, n) => `key-0000000000${10 + n}`);
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const making = ids.map((id) => vault.generate(id, 1, { isNew: true }));
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      await Promise.all(making);
      expect(await vault.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
      await Promise.all(ids.map((id) => vault.generate(id, 1)));
      for (const id of ids) await vault.wrap(id, 1, dataKey, CONTEXT);
    });
  });

  it("seal what the same bytes in this process would open, and tell another context", async () => {
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      expect(sealed).to.have.length(12 + 32 + 16);
      expect(await fault(vault.unwrap(KEY, 1, sealed, "v1.another.1"))).to.contain("altered");
      expect(await fault(vault.unwrap(KEY, 1, sealed.subarray(1), CONTEXT))).to.contain("altered");
    });
  });

  it("are destroyed in all versions, and once more is no fault", async () => {
    await withVault(async (vault) => {
      for (const version of [1, 2, 3]) await vault.generate(KEY, version);
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      await vault.destroy(KEY);
      await vault.destroy(KEY);
      expect(await fault(vault.unwrap(KEY, 1, sealed, CONTEXT)))
        .to.contain(`token "images" has no key with label ${KEY} and ID ${KEY}.1`)
        .and.contain("backup");
    });
  });

  it("serve two vaults of one process, and go on where one is closed", async () => {
    await withVault(async (one) => {
      await one.generate(KEY, 1);
      await withVault(async (other) => {
        const sealed = await other.wrap(KEY, 1, dataKey, CONTEXT);
        expect(await one.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
      });
      expect(await one.wrap(KEY, 1, dataKey, CONTEXT)).to.have.length(60);
    });
  });

  it("serve two vaults that name the module differently, and find the token again for both", async () => {
    const folder = await mkdtemp(join(tmpdir(), "images-module-"));
    try {
      await symlink(softHsmModule!, join(folder, "token.so"));
      await withVault(async (one) => {
        await one.generate(KEY, 1);
        await withVault(async (other) => {
          const sealed = await other.wrap(KEY, 1, dataKey, CONTEXT);
          await hsm.pull();
          await fault(one.wrap(KEY, 1, dataKey, CONTEXT));
          await hsm.plugIn();
          expect(await one.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
          expect(await other.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
        }, `pkcs11:token=images?module-path=${folder}/token.so`);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("serve 64 at once", async () => {
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const keys = Array.from({ length: 64 }, (_, index) => Buffer.alloc(32, index));
      const sealed = await Promise.all(keys.map((key) => vault.wrap(KEY, 1, key, CONTEXT)));
      const opened = await Promise.all(sealed.map((bytes) => vault.unwrap(KEY, 1, bytes, CONTEXT)));
      expect(opened).to.deep.equal(keys);
    });
  });

  it("are out of reach while the token is, and serve again once it is back", async () => {
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      await hsm.pull();
      for (const use of [
        () => vault.unwrap(KEY, 1, sealed, CONTEXT),
        () => vault.wrap(KEY, 1, dataKey, CONTEXT),
        () => vault.generate(KEY, 2),
        () => vault.destroy(KEY),
      ]) {
        expect(await fault(use()))
          .to.contain('no token with label "images"')
          .and.contain("Plug it in");
      }
      await hsm.plugIn();
      expect(await vault.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
      await vault.generate(KEY, 2);
    });
  });

  it("are used on, where the token was away between two uses", async () => {
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      await hsm.pull();
      await fault(vault.wrap(KEY, 1, dataKey, CONTEXT));
      await hsm.plugIn();
      await withVault((other) => other.wrap(KEY, 1, dataKey, CONTEXT));
      expect(await vault.unwrap(KEY, 1, sealed, CONTEXT)).to.deep.equal(dataKey);
    });
  });

  it("are missed by name on a token that was set up anew", async () => {
    await withVault(async (vault) => {
      await vault.generate(KEY, 1);
      const sealed = await vault.wrap(KEY, 1, dataKey, CONTEXT);
      await hsm.initToken();
      expect(await fault(vault.unwrap(KEY, 1, sealed, CONTEXT))).to.contain(`has no key with label ${KEY}`);
      await vault.generate(KEY, 1);
      expect(await vault.wrap(KEY, 1, dataKey, CONTEXT)).to.have.length(60);
    });
  });

  it("say which tokens there are where the one that is named isn't", async () => {
    await hsm.addToken("other");
    const url = `pkcs11:token=absent?module-path=${softHsmModule}`;
    const says = await withVault((vault) => fault(vault.generate(KEY, 1)), url);
    expect(says).to.contain('no token with label "absent"').and.contain('"images"').and.contain('"other"');
  });

  it("ask for a serial number where two tokens bear one label", async () => {
    await hsm.addToken("images");
    expect(await withVault((vault) => fault(vault.generate(KEY, 1)))).to.contain("Add serial=");
  });

  it("ask for the PIN where there is none, and take it from a file", async () => {
    delete process.env.IMAGES_PKCS11_PIN;
    const missing = await withVault((vault) => fault(vault.generate(KEY, 1)));
    expect(missing).to.contain("Set IMAGES_PKCS11_PIN").and.contain("pin-source");
    const folder = await mkdtemp(join(tmpdir(), "images-pin-"));
    try {
      const url = `${hsm.url}&pin-source=file:${join(folder, "pin")}`;
      const unread = await withVault((vault) => fault(vault.generate(KEY, 1)), url);
      expect(unread).to.contain(join(folder, "pin"));
      await writeFile(join(folder, "pin"), `${hsm.pin}\n`);
      await withVault((vault) => vault.generate(KEY, 1), url);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("give a wrong PIN to the token once and never again, and don't name it", async () => {
    const wrong = "0000";
    await withEnv({ IMAGES_PKCS11_PIN: wrong }, async () => {
      for (let time = 0; time < 20; time++) {
        const says = await withVault((vault) => fault(vault.wrap(KEY, 1, dataKey, CONTEXT)));
        expect(says).to.contain(`isn't that of token "images"`).and.contain("lock the token");
        expect(says).not.to.contain(wrong);
      }
    });
    expect(await hsm.wasRefusedAPin()).to.equal(true);
    await withVault((vault) => vault.generate(KEY, 1));
    expect(await hsm.wasRefusedAPin()).to.equal(false);
  });

  it("say which file of a module is missing", async () => {
    const url = "pkcs11:token=images?module-path=/nowhere/libnone.so";
    const says = await withVault((vault) => fault(vault.generate(KEY, 1)), url);
    expect(says).to.contain("/nowhere/libnone.so can't be loaded").and.contain("IMAGES_PKCS11_MODULE");
    const unsaid = await withVault((vault) => fault(vault.generate(KEY, 1)), "pkcs11:token=images");
    expect(unsaid).to.contain("module-path").and.contain("IMAGES_PKCS11_MODULE");
  });

  it("say where to look when the module is there and doesn't start", async () => {
    await withEnv({ SOFTHSM2_CONF: "/nowhere/softhsm2.conf" }, async () => {
      const says = await withVault((vault) => fault(vault.generate(KEY, 1)));
      expect(says).to.contain("libsofthsm2.so doesn't start (CKR_").and.contain("SOFTHSM2_CONF");
    });
  });

  it("take the module that this machine names before the URL's", async () => {
    await withEnv({ IMAGES_PKCS11_MODULE: softHsmModule }, () =>
      withVault((vault) => vault.generate(KEY, 1), "pkcs11:token=images?module-path=/nowhere/libnone.so"),
    );
  });

  it("keep working for a service whose token comes back in the midst of rotations", async () => {
    const keys = new StoredKeyService(new MemoryKeyStorage(), openKeyVault(hsm.url));
    const { id } = await keys.create({ region: "local", account: "default" });
    const { dataKey, wrappedKey } = await keys.generateDataKey(id);
    await hsm.pull();
    await fault(keys.rotate(id));
    expect((await keys.list())[0]!.version).to.equal(1);
    await hsm.plugIn();
    expect((await keys.rotate(id)).version).to.equal(2);
    expect(await keys.unwrap(await keys.rewrap(wrappedKey))).to.deep.equal(dataKey);
    await keys.close();
  });
});

import { expect } from "chai";
import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import { MemoryDiskStore } from "../../../../provider/engine/disks/memory-disk-store";
import { MemoryKeyService } from "../../../../provider/engine/keys/memory-key-service";
import { Run } from "../../../../provider/engine/operations/run";
import { dataKeyOf, masterKeyOf, newDataKey, sealed } from "../../../../provider/engine/operations/sealing";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { fault, refused } from "../keys/key-service.contract";

const owner = { region: "local", account: "default" };
const plain = { ...owner, id: "img-1", encrypted: false };
const encrypted = { ...owner, id: "img-1", encrypted: true };

describe("sealing", () => {
  let keys: MemoryKeyService;
  let run: Run;
  beforeEach(() => {
    keys = new MemoryKeyService();
    run = new Run(new MemoryCatalog(), new MemoryDiskStore(), keys);
  });

  it("takes the key asked for, else the source's, else the owner's default one", async () => {
    const { id } = await keys.create(owner);
    const source = { encrypted: true, kmsKeyId: "key-source" };
    expect(await masterKeyOf(run, true, "key-asked", source, owner)).to.equal("key-asked");
    expect(await masterKeyOf(run, true, undefined, source, owner)).to.equal("key-source");
    expect(await masterKeyOf(run, true, undefined, { encrypted: false }, owner)).to.equal(id);
    expect(await masterKeyOf(run, true, undefined, undefined, owner)).to.equal(id);
  });

  it("takes none for what isn't encrypted, and looks at no keys for it", async () => {
    run = new Run(run.catalog, run.disks, { list: () => expect.fail("looked") } as never);
    expect(await masterKeyOf(run, false, undefined, undefined, owner)).to.equal(undefined);
    expect(await newDataKey(run, plain)).to.deep.equal({ recorded: {} });
    expect(await dataKeyOf(run, plain)).to.equal(undefined);
  });

  it("waits for a default key that the owner hasn't yet, and makes none before it is needed", async () => {
    await keys.create({ ...owner, account: "web" });
    expect(await masterKeyOf(run, true, undefined, undefined, owner)).to.equal(UNKNOWN);
    expect(await masterKeyOf(run, UNKNOWN, undefined, undefined, owner)).to.equal(UNKNOWN);
    expect(await keys.list()).to.have.length(1);
  });

  it("makes the default key with the first data key, for the rest of the run to see", async () => {
    expect(await run.masterKeys()).to.deep.equal([]);
    const { dataKey, recorded } = await newDataKey(run, encrypted);
    const [made] = await run.masterKeys();
    expect(recorded.kmsKeyId).to.equal(made!.id);
    expect(await masterKeyOf(run, true, undefined, undefined, owner)).to.equal(made!.id);
    expect(await dataKeyOf(run, { ...encrypted, ...recorded })).to.deep.equal(dataKey);
  });

  it("keeps the data key of a record that has one", async () => {
    const { dataKey, recorded } = await newDataKey(run, encrypted);
    expect(await newDataKey(run, { ...encrypted, ...recorded })).to.deep.equal({ dataKey, recorded: {} });
  });

  it("hands work both keys, and clears them whether it succeeds or fails", async () => {
    const { recorded } = await newDataKey(run, encrypted);
    const source = { ...encrypted, ...recorded };
    const seen: Buffer[] = [];
    const found = await sealed(run, encrypted, source, async ({ key, fromKey }) => {
      expect(key!.equals(fromKey!)).to.equal(false);
      seen.push(key!, fromKey!);
      return { sizeBytes: 5 };
    });
    expect(found).to.have.all.keys("sizeBytes", "kmsKeyId", "wrappedKey");
    const failing = sealed(run, encrypted, source, async ({ key, fromKey }) => {
      seen.push(key!, fromKey!);
      throw new Error("no space");
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal("no space");
    expect(seen).to.have.length(4);
    for (const key of seen) expect(key.equals(Buffer.alloc(32))).to.equal(true);
  });

  it("unseals a source for what isn't encrypted", async () => {
    const { recorded } = await newDataKey(run, encrypted);
    const found = await sealed(run, plain, { ...encrypted, ...recorded }, async ({ key, fromKey }) => {
      expect(key).to.equal(undefined);
      expect(fromKey).to.have.length(32);
      return {};
    });
    expect(found).to.deep.equal({});
  });

  it("refuses a key that was disabled since check, and a source without a data key", async () => {
    const { id } = await keys.create(owner);
    const { recorded } = await newDataKey(run, encrypted);
    await keys.disable(id);
    expect(await refused(newDataKey(run, encrypted))).to.contain(`images keys enable ${id}`);
    expect(await refused(dataKeyOf(run, { ...encrypted, ...recorded }))).to.contain("is disabled");
    // A team's catalogue shows no data key then.
    expect(await refused(dataKeyOf(run, { ...encrypted, kmsKeyId: id }))).to.contain("is disabled");
    expect(await fault(dataKeyOf(run, encrypted))).to.contain("no data key");
  });
});

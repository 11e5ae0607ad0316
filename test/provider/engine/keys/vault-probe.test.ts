import { expect } from "chai";
import { MemoryKeyVault } from "../../../../provider/engine/keys/memory/memory-key-vault";
import { tryMakingKeys, trySealing } from "../../../../provider/engine/keys/vault-probe";
import { fault } from "./key-service.contract";
import { describeForVaults } from "./vaults";

describeForVaults("A vault that is tried", (open) => {
  it("can be got at, makes keys, and seals and opens by one that stands", async () => {
    const vault = open();
    try {
      await vault.reach();
      await tryMakingKeys(vault);
      await vault.generate("key-00000000000a", 1);
      await trySealing(vault, { id: "key-00000000000a", version: 1 });
      expect(await fault(trySealing(vault, { id: "key-00000000000b", version: 1 }))).to.not.equal("");
    } finally {
      await vault.close();
    }
  });
});

describe("A vault that is tried", () => {
  class Forgetful extends MemoryKeyVault {
    readonly made: string[] = [];
    override async generate(id: string, version: number): Promise<void> {
      this.made.push(id);
      await super.generate(id, version);
    }
    override async destroy(id: string): Promise<void> {
      this.made.splice(this.made.indexOf(id), 1);
      await super.destroy(id);
    }
    override async unwrap(): Promise<Buffer> {
      return Buffer.alloc(32);
    }
  }

  it("and doesn't open what it seals is told of, and the key of the try is destroyed", async () => {
    const vault = new Forgetful();
    expect(await fault(tryMakingKeys(vault))).to.contain("doesn't open what it has just sealed");
    expect(vault.made).to.deep.equal([]);
  });
});

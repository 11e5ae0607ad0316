import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openKeyVault } from "../../../../../provider/engine/keys/open-key-vault";
import { fault } from "../key-service.contract";

const KEY = "key-00000000000a";

describe("a folder of keys that machines share", () => {
  let root: string;
  let folder: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "images-keys-"));
    folder = join(root, "keys");
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is missed by name where it isn't mounted, and not made in its place", async () => {
    const vault = openKeyVault(`folder://${folder}`);
    const uses = [
      () => vault.generate(KEY, 1),
      () => vault.wrap(KEY, 1, Buffer.alloc(32), "context"),
      () => vault.unwrap(KEY, 1, Buffer.alloc(60), "context"),
    ];
    for (const use of uses) {
      expect(await fault(use()))
        .to.contain(`no folder ${folder} on this machine`)
        .and.contain(`mkdir -m 700 ${folder}`);
    }
    expect(await readdir(root)).to.deep.equal([]);
  });

  it("serves where it is there, and says which file of a key is missing", async () => {
    await mkdir(folder, { mode: 0o700 });
    const vault = openKeyVault(`folder://${folder}`);
    await vault.generate(KEY, 1);
    const sealed = await vault.wrap(KEY, 1, Buffer.alloc(32, 7), "context");
    expect(await openKeyVault(`folder://${folder}`).unwrap(KEY, 1, sealed, "context")).to.deep.equal(
      Buffer.alloc(32, 7),
    );
    const missing = await fault(vault.wrap(KEY, 2, Buffer.alloc(32), "context"));
    expect(missing).to.contain(`there is no ${folder}/${KEY}.2.secret`).and.contain("backup");
  });

  it("is made for whoever sets the region up", async () => {
    await openKeyVault(`folder://${folder}`, { makesFolder: true }).generate(KEY, 1);
    expect(await readdir(folder)).to.deep.equal([`${KEY}.1.secret`]);
  });
});

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFile, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { newLuksHeader } from "../../../../provider/engine/disks/luks-header";
import { MIB, needsQemu } from "./disk-fixtures";

describe("A LUKS header", () => {
  let folder: string;
  before(needsQemu);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-luks-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  function open(passphrase: string): { status: number | null; stderr: string } {
    const disk = `driver=luks,file.filename=${join(folder, "disk.luks")},key-secret=k`;
    const args = ["--object", `secret,id=k,data=${passphrase}`, "--image-opts", disk];
    return spawnSync("qemu-img", ["convert", ...args, join(folder, "out")], { encoding: "utf8" });
  }

  it("opens with its passphrase, and with no other", async () => {
    const passphrase = randomBytes(32).toString("hex");
    const header = newLuksHeader(passphrase);
    await writeFile(join(folder, "disk.luks"), header);
    await appendFile(join(folder, "disk.luks"), Buffer.alloc(MIB));
    expect(open(passphrase)).to.include({ status: 0, stderr: "" });
    expect((await stat(join(folder, "out"))).size).to.equal(MIB);
    expect(open(`${passphrase}0`).stderr).to.contain("cannot unlock any keyslot");
  });

  it("has a key of its own each time, and never the passphrase in it", () => {
    const passphrase = randomBytes(32).toString("hex");
    const [first, second] = [newLuksHeader(passphrase), newLuksHeader(passphrase)];
    expect(first.subarray(112, 132).equals(second.subarray(112, 132)), "digest of the key").to.equal(false);
    expect(first.subarray(4096, 8192).equals(second.subarray(4096, 8192)), "key material").to.equal(false);
    expect(first.includes(passphrase)).to.equal(false);
  });
});

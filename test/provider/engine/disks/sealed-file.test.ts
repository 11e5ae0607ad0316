import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { FolderDiskStore } from "../../../../provider/engine/disks/folder-disk-store";
import { passphraseOf } from "../../../../provider/engine/disks/qemu-img";
import { fault, foreign, GIB, MIB, needsQemu, sha256, writeDisk } from "./disk-fixtures";

interface Info {
  "virtual-size": number;
  encrypted: boolean;
  "format-specific": { data: { corrupt: boolean; encrypt: Record<string, unknown> } };
}

describe("A sealed content's file", () => {
  const [key, other] = [randomBytes(32), randomBytes(32)];
  let folder: string;
  let disks: string;
  let store: FolderDiskStore;
  before(needsQemu);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-sealed-"));
    disks = join(folder, "disks");
    store = new FolderDiskStore(folder);
    await writeFile(join(folder, "key"), passphraseOf(key));
    await writeFile(join(folder, "other"), passphraseOf(other));
  });
  afterEach(() => rm(folder, { recursive: true }));

  function run(tool: string, ...args: string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(tool, args, { cwd: disks, encoding: "utf8" });
    return { status, said: stdout + stderr };
  }

  /** Arguments that open a content with the passphrase in a file. */
  function opened(id: string, passphrase: "key" | "other"): string[] {
    const secret = `secret,id=k,file=${join(folder, passphrase)}`;
    const disk = `driver=qcow2,file.driver=file,file.filename=${id}.qcow2,encrypt.key-secret=k`;
    return ["--object", secret, "--image-opts", disk];
  }

  for (const [size, bytes] of [
    ["one sector", 512],
    ["1 MiB and a bit", MIB + 512],
    ["1 GiB", GIB],
    ["16000 GiB", 16000 * GIB],
  ] as const) {
    it(`is sound to qemu-img where the disk has ${size}`, async () => {
      await store.createBlank("d-1", bytes, { key });
      const check = run("qemu-img", "check", ...opened("d-1", "key"));
      expect(check.said).to.contain("No errors were found");
      expect(check.status).to.equal(0);
      const info = JSON.parse(run("qemu-img", "info", "--output=json", "d-1.qcow2").said) as Info;
      expect(info).to.include({ "virtual-size": bytes, encrypted: true });
      expect(info["format-specific"].data.corrupt).to.equal(false);
      const { uuid, slots, ...encrypt } = info["format-specific"].data.encrypt;
      expect(uuid).to.match(/^[0-9a-f-]{36}$/);
      expect(encrypt).to.include({
        format: "luks",
        "cipher-alg": "aes-256",
        "cipher-mode": "xts",
        "ivgen-alg": "plain64",
        "hash-alg": "sha256",
      });
      const active = (slots as { active: boolean }[]).map((slot) => slot.active);
      expect(active).to.deep.equal([true, ...Array<boolean>(7).fill(false)]);
      expect((await stat(join(disks, "d-1.qcow2"))).size).to.be.below(4 * MIB);
    });
  }

  it("is read and written by a machine with the right key, to its very end", async () => {
    await store.createBlank("d-1", MIB + 512, { key });
    const last = `${MIB} 512`;
    const commands = [`read -P 0 ${last}`, `write -P 7 ${last}`, `read -P 7 ${last}`, "read -P 0 0 1M"];
    const io = run("qemu-io", ...commands.flatMap((c) => ["-c", c]), ...opened("d-1", "key"));
    expect(io.status, io.said).to.equal(0);
    expect(run("qemu-img", "check", ...opened("d-1", "key")).said).to.contain("No errors were found");
    const copy = await store.copy("d-1", "d-2", { fromKey: key, checksum: true });
    expect(copy.checksum).to.equal(sha256(Buffer.alloc(MIB), Buffer.alloc(512, 7)));
  });

  it("opens with no other key, and with none not at all", async () => {
    await store.createBlank("d-1", MIB, { key });
    const wrong = run("qemu-io", "-c", "read 0 512", ...opened("d-1", "other"));
    expect(wrong.status).not.to.equal(0);
    expect(wrong.said).to.contain("cannot unlock any keyslot");
    const without = run("qemu-io", "-f", "qcow2", "-c", "read 0 512", "d-1.qcow2");
    expect(without.status).not.to.equal(0);
    expect(without.said).to.contain("encrypt.key-secret");
  });

  it("reads as what was sealed to qemu-img too, and hides it", async () => {
    const bytes = await writeDisk(join(folder, "disk.raw"));
    await store.importFile(foreign(join(folder, "disk.raw")), "d-1", { key });
    const output = run("qemu-img", "convert", ...opened("d-1", "key"), "-O", "raw", "../opened.raw");
    expect(output.status, output.said).to.equal(0);
    const compared = run("qemu-img", "compare", "-f", "raw", "-F", "raw", "../disk.raw", "../opened.raw");
    expect(compared.said).to.contain("Images are identical");
    const sealed = await readFile(join(disks, "d-1.qcow2"));
    expect(sealed.includes(bytes.subarray(0, 16))).to.equal(false);
  });

  it("may be one that qemu-img made itself", async () => {
    const bytes = await writeDisk(join(folder, "disk.raw"));
    await mkdir(disks);
    const secret = ["--object", `secret,id=k,file=${join(folder, "key")}`];
    const options = "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=10";
    const convert = ["convert", ...secret, "-f", "raw", "-O", "qcow2", "-o", options, "../disk.raw"];
    // Its measure of how long a key takes to derive fails now and then.
    for (let turn = 0; turn < 5 && run("qemu-img", ...convert, "d-1.qcow2").status !== 0; turn++);
    expect(await store.stat("d-1")).to.include({ virtualBytes: bytes.length });
    expect(await fault(store.copy("d-1", "d-2", { fromKey: other }))).to.contain("doesn't open with its key");
    await store.share("d-1", "d-3");
    await store.remove("d-1");
    await store.copy("d-3", "d-4", { fromKey: key, key: other });
    const copy = await store.copy("d-4", "d-5", { fromKey: other, checksum: true });
    expect(copy.checksum).to.equal(sha256(bytes));
    expect(await readdir(disks)).to.have.members(["d-3.qcow2", "d-4.qcow2", "d-5.raw"]);
  });
});

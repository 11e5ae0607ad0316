import { execFileSync } from "node:child_process";
import { appendFile, mkdir, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import {
  inspectForeignFile,
  openForeignFile,
  whileUnchanged,
} from "../../../../../provider/engine/disks/foreign/inspect";
import type { DiskFormat } from "../../../../../provider/engine/model";
import { DISK_BYTES, ForeignFiles, hasQemuImg, refusal } from "./foreign-files";

const FORMATS: DiskFormat[] = ["raw", "qcow2", "vmdk", "vhd", "vhdx"];

describe("the judge of disk files from outside", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    await mkdir(files.path("folder"));
    await writeFile(files.path("empty"), "");
    if (!hasQemuImg) return;
    for (const format of ["qcow2", "vmdk", "vhdx"] as const) await files.good(`good.${format}`, format);
    await files.good("good.vhd", "vhd", "-o", "subformat=fixed");
  });
  after(() => files.remove());

  for (const format of FORMATS) {
    it(`refuses as ${format} what isn't a file with something in it`, async () => {
      expect(await refusal(files.path("none"), format)).to.match(
        /^There is no file .*none\. Give the path of a/,
      );
      expect(await refusal(files.path("disk.raw/none"), format)).to.match(/^There is no file/);
      expect(await refusal(files.path("folder"), format)).to.match(/folder is a folder\./);
      expect(await refusal(files.path("empty"), format)).to.match(/empty is empty\./);
      expect(await refusal("/dev/zero", format)).to.match(/\/dev\/zero isn't a regular file\./);
    });
  }

  it("refuses a pipe, and doesn't wait for one", async function () {
    if (process.platform === "win32") this.skip();
    execFileSync("mkfifo", [files.path("pipe")]);
    expect(await refusal(files.path("pipe"), "raw")).to.match(/isn't a regular file/);
  });

  for (const path of [
    'json:{"driver":"file","filename":"/etc/shadow"}',
    "nbd:localhost:10809",
    "nbd+unix:///disk?socket=/run/nbd",
    "https://example.com/disk.qcow2",
    "file:///etc/shadow",
    "fat:rw:/etc",
    "fd:0",
  ]) {
    it(`refuses ${path} by its name`, async () => {
      for (const given of [path, join(files.folder, path)]) {
        const error = await inspectForeignFile({ path: given, format: "raw", property: "imageFile" }).catch(
          (e: Error) => e,
        );
        expect((error as Error).message).to.match(
          /isn't the path of a file: what begins with [a-z+]+: names a source/,
        );
      }
    });
  }

  for (const stated of FORMATS) {
    for (const format of FORMATS.filter((each) => each !== stated)) {
      it(`refuses ${format} that is said to be ${stated}`, async function () {
        if (!hasQemuImg) this.skip();
        const reason = await refusal(files.path(format === "raw" ? "disk.raw" : `good.${format}`), stated);
        expect(reason).to.match(new RegExp(`State fileFormat: "${format}"`));
      });
    }
  }

  it("says how to convert what is given where only raw is taken", async function () {
    if (!hasQemuImg) this.skip();
    expect(await refusal(files.path("good.vhd"), "raw", "diskFile")).to.match(
      /is VHD, not raw\. Convert it first: qemu-img convert -f vpc -O raw .*good\.vhd disk\.raw$/,
    );
  });

  it("takes a raw disk of whole sectors, and no other", async () => {
    const path = files.path("disk.raw");
    const found = await inspectForeignFile({ path, format: "raw", property: "imageFile" });
    expect(found).to.deep.equal({ virtualBytes: DISK_BYTES, bytes: DISK_BYTES });
    await writeFile(files.path("odd.raw"), Buffer.alloc(1000));
    expect(await refusal(files.path("odd.raw"), "raw")).to.match(
      /has 1000 bytes, which isn't a multiple of 512/,
    );
  });

  it("refuses a raw disk larger than any disk", async () => {
    await writeFile(files.path("huge.raw"), "");
    await truncate(files.path("huge.raw"), 8 * 2 ** 40);
    await inspectForeignFile({ path: files.path("huge.raw"), format: "raw", property: "imageFile" });
    const isMade = await truncate(files.path("huge.raw"), 15.7 * 2 ** 40).then(
      () => true,
      // Not every file system holds such a file.
      () => false,
    );
    if (isMade) expect(await refusal(files.path("huge.raw"), "raw")).to.match(/at most 16000 GiB/);
  });

  it("follows a link to what it leads to, once", async function () {
    if (!hasQemuImg) this.skip();
    await symlink(files.path("good.qcow2"), files.path("link"));
    const file = { path: files.path("link"), format: "qcow2" as const, property: "imageFile" };
    const handle = await openForeignFile(file);
    try {
      // What the name leads to from now on doesn't matter.
      await symlink("/dev/zero", files.path("other"));
      await rename(files.path("other"), files.path("link"));
      expect((await inspectForeignFile(file, handle)).virtualBytes).to.equal(DISK_BYTES);
      expect((await handle.stat()).size, "the handle stays open").to.be.greaterThan(0);
    } finally {
      await handle.close();
    }
    expect(await refusal(file.path, "qcow2")).to.match(/isn't a regular file/);
  });

  it("refuses what was read of a file that was written to meanwhile", async () => {
    const file = { path: files.path("busy.raw"), format: "raw" as const, property: "imageFile" };
    await writeFile(file.path, Buffer.alloc(1024));
    const handle = await openForeignFile(file);
    try {
      expect(await whileUnchanged(file, handle, () => inspectForeignFile(file, handle))).to.include({
        bytes: 1024,
      });
      const error = await whileUnchanged(file, handle, () => appendFile(file.path, "more")).catch(
        (e: Error) => e,
      );
      expect((error as Error).message).to.match(
        /busy\.raw was written to while it was read\. Stop what writes to it/,
      );
    } finally {
      await handle.close();
    }
  });
});

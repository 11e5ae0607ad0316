import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeReproducible } from "../../../../provider/engine/disks/export-identity";

const SECTOR = 512;

/** The beginning of a sparse VMDK: a header, and its descriptor in the second sector. */
function vmdk(descriptor: string): Buffer {
  const bytes = Buffer.alloc(2 * SECTOR);
  bytes.write("KDMV", 0, "latin1");
  bytes.writeBigUInt64LE(1n, 28);
  bytes.writeBigUInt64LE(1n, 36);
  bytes.write(descriptor, SECTOR, "latin1");
  return bytes;
}

describe("the identity of an exported VMDK", () => {
  it("is its content's, whatever of a longer descriptor stands behind its own", async () => {
    const folder = await mkdtemp(join(tmpdir(), "images-identity-"));
    try {
      const named: string[] = [];
      const descriptor = (id: string) => `# Disk DescriptorFile\nCID=${id}\nparentCID=ffffffff\n`;
      for (const text of [descriptor("5eadbeef"), `${descriptor("eadbeef")}\0\n`]) {
        const path = join(folder, String(named.length));
        await writeFile(path, vmdk(text));
        const file = await open(path, "r+");
        await makeReproducible(file, "vmdk", "disk-1");
        await file.close();
        named.push(await readFile(path, "latin1"));
      }
      expect(named[0])
        .to.match(/^CID=[0-9a-f]{8}$/m)
        .and.not.contain("5eadbeef");
      expect(named[1]).to.equal(named[0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

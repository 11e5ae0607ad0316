import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { describeWithS3, S3Server } from "../../../../support/s3-server";
import { GIB, MIB } from "../disk-fixtures";

/** MiB: no more than the program and its libraries need. */
const HEAP = 48;
/** Parts on their way, chunks in work, and what the SDK and the allocator take beside them. */
const MOST = 128 * MIB;

describeWithS3("the upload, the copy for another account and the export of a disk", () => {
  it("take no more memory for 4 GiB of which much is empty than for any other", async () => {
    const server = await S3Server.shared();
    const folder = await mkdtemp(join(tmpdir(), "images-memory-"));
    try {
      const path = join(folder, "disk.raw");
      const file = await open(path, "wx");
      await file.truncate(4 * GIB);
      for (let at = 0; at < 4 * GIB; at += 16 * MIB) await file.write(randomBytes(MIB), 0, MIB, at);
      await file.close();
      const draft = { objectId: randomBytes(16).toString("hex"), wrappedKey: "elsewhere", locked: false };
      const dataKey = randomBytes(32).toString("hex");
      const upload = { bucket: await server.newBucket(), path, folder, draft, dataKey };
      const heap = `--max-old-space-size=${HEAP}`;
      const worker = [heap, require.resolve("./upload-worker"), JSON.stringify(upload)];
      const env = { ...process.env, ...server.env };
      const child = spawn(process.execPath, worker, { env, stdio: ["ignore", "pipe", "inherit"] });
      const said = await text(child.stdout);
      expect((await stat(join(folder, "again.raw"))).size).to.equal(4 * GIB);
      expect(Number(/grown by (\d+)/.exec(said)?.[1])).to.be.lessThan(MOST);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

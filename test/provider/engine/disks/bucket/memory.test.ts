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
/** What is unpacked only the collector can free, which lets some gather. */
const MOST_PACKED = 256 * MIB;

describeWithS3("the upload, the copy for another account and the export of a disk", () => {
  for (const [what, most, size, step, fill] of [
    ["4 GiB of which much is empty", MOST, 4 * GIB, 16 * MIB, () => randomBytes(MIB)],
    [
      "1 GiB that packs to almost nothing",
      MOST_PACKED,
      GIB,
      MIB,
      (at: number) => Buffer.alloc(MIB, `${at} `),
    ],
  ] as const) {
    it(`take no more memory for ${what} than for any other`, async () => {
      const server = await S3Server.shared();
      const folder = await mkdtemp(join(tmpdir(), "images-memory-"));
      try {
        const path = join(folder, "disk.raw");
        const file = await open(path, "wx");
        await file.truncate(size);
        for (let at = 0; at < size; at += step) await file.write(fill(at), 0, MIB, at);
        await file.close();
        const draft = { objectId: randomBytes(16).toString("hex"), wrappedKey: "elsewhere", locked: false };
        const dataKey = randomBytes(32).toString("hex");
        const upload = { bucket: await server.newBucket(), path, folder, draft, dataKey };
        const heap = `--max-old-space-size=${HEAP}`;
        const worker = [heap, require.resolve("./upload-worker"), JSON.stringify(upload)];
        const env = { ...process.env, ...server.env };
        const child = spawn(process.execPath, worker, { env, stdio: ["ignore", "pipe", "inherit"] });
        const said = await text(child.stdout);
        expect((await stat(join(folder, "again.raw"))).size).to.equal(size);
        expect(Number(/grown by (\d+)/.exec(said)?.[1])).to.be.lessThan(most);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});

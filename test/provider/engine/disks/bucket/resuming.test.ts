import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { ListMultipartUploadsCommand, ListPartsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { FaultProxy } from "../../../../support/fault-proxy";
import { describeWithS3, S3Server, withEnv } from "../../../../support/s3-server";
import { fault, foreign, MIB, sha256 } from "../disk-fixtures";
import { storeOf, type Upload } from "./upload-worker";

describeWithS3("an upload that is killed", () => {
  let server: S3Server;
  let folder: string;
  let upload: Upload;
  let bytes: Buffer;
  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-resume-"));
    const path = join(folder, "disk.raw");
    await writeFile(path, (bytes = randomBytes(100 * MIB)));
    const draft = { objectId: randomBytes(16).toString("hex"), wrappedKey: "elsewhere", locked: false };
    const dataKey = randomBytes(32).toString("hex");
    upload = { bucket: await server.newBucket(), path, folder, draft, dataKey };
    const child = startWorker();
    for await (const line of createInterface({ input: child.stdout! })) {
      if (Number(line) < 16 * MIB) continue;
      child.kill("SIGKILL");
      break;
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    // What was on its way when it died may arrive yet.
    for (let there = -1, next = 0; there !== next; await wait(500))
      [there, next] = [next, await partsThere()];
  });
  afterEach(() => rm(folder, { recursive: true }));

  function startWorker(): ChildProcess {
    const worker = require.resolve("./upload-worker");
    return spawn(process.execPath, [worker, JSON.stringify(upload)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  async function partsThere(): Promise<number> {
    const { bucket: Bucket } = upload;
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).to.have.length(1);
    const { Key, UploadId } = Uploads[0]!;
    const { Parts = [] } = await server.client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    return Parts.length;
  }

  it("is carried on: the parts that are there aren't sent again", async () => {
    const there = await partsThere();
    expect(there).to.be.within(2, 12);
    const proxy = await FaultProxy.before(server.endpoint, () => "pass");
    try {
      await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, async () => {
        const { store } = await storeOf(upload);
        await store.importFile(foreign(upload.path), "d-1");
        expect(proxy.sentBytes / (8 * MIB)).to.be.closeTo(bytes.length / (8 * MIB) - there, 0.5);
        const copied = await store.checksum("d-1");
        expect(copied).to.equal(sha256(bytes));
      });
    } finally {
      await proxy.close();
    }
    expect(await server.uploads(upload.bucket)).to.deep.equal([]);
  });

  it("reads as the new source where that has changed meanwhile", async () => {
    const file = await open(upload.path, "r+");
    for (const at of [100, 50 * MIB]) {
      bytes[at]! ^= 1;
      await file.write(bytes, at, 1, at);
    }
    await file.close();
    const { store } = await storeOf(upload);
    await store.importFile(foreign(upload.path), "d-1");
    expect(await store.checksum("d-1")).to.equal(sha256(bytes));
  });

  it("is taken for done where its object stands already, and for another's where that is another one", async () => {
    const first = await storeOf(upload);
    await first.store.importFile(foreign(upload.path), "d-1");
    // As if it had died between the object and the index.
    const again = await storeOf(upload);
    await again.store.importFile(foreign(upload.path), "d-1");
    expect(await again.index.find("d-1")).to.deep.equal(await first.index.find("d-1"));
    const other = await storeOf(upload);
    await truncate(upload.path, 90 * MIB);
    expect(await fault(other.store.importFile(foreign(upload.path), "d-1"))).to.contain(
      "another attempt at it works on s3://",
    );
    expect(await first.store.checksum("d-1")).to.equal(sha256(bytes));
    expect(await server.uploads(upload.bucket)).to.deep.equal([]);
  });

  it("is no stray while its content is there, and one when that is forgotten", async () => {
    const { bucket } = upload;
    const owners = [{ region: "north-1", account: "acme" }];
    const { store, index } = await storeOf(upload, { owners });
    expect(await store.strays()).to.deep.equal([]);
    await index.remove("d-1");
    await index.forget("d-1");
    const Key = `north-1/acme/${"0f".repeat(16)}`;
    await server.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "of nothing" }));
    await store.createBlank("d-2", 512, { key: randomBytes(32) });
    const object = `north-1/acme/${upload.draft.objectId}`;
    const strays = await store.strays();
    expect(strays).to.have.members([object, Key].map((key) => `s3://${bucket}/${key}`));
    await store.removeStrays(strays.slice(1));
    expect(await store.strays()).to.deep.equal(strays.slice(0, 1));
    await store.removeStrays(strays);
    expect(await store.strays()).to.deep.equal([]);
    expect(await server.keys(bucket)).to.have.length(1);
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });

  it("leaves nothing where its content is removed", async () => {
    const { store } = await storeOf(upload);
    await store.remove("d-1");
    const { bucket } = upload;
    expect([...(await server.keys(bucket)), ...(await server.uploads(bucket))]).to.deep.equal([]);
  });
});

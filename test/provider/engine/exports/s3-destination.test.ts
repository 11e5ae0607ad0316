import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { S3Destination } from "../../../../provider/engine/exports/s3-destination";
import { Fault } from "../../../../provider/engine/violation";
import { FaultProxy } from "../../../support/fault-proxy";
import { describeWithS3, S3Server, setEnv, withEnv } from "../../../support/s3-server";
import { destinationContract, factsOf } from "./destination.contract";

const NAME = "golden images/prod/golden-vda.qcow2";

/** Nothing of this machine's own configuration reaches the tests. */
const BARE = {
  AWS_ENDPOINT_URL: undefined,
  AWS_PROFILE: undefined,
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
};

describeWithS3("an S3 server", () => {
  let server: S3Server;
  let putBack: () => void;
  let bucket: string;
  before(async () => {
    server = await S3Server.start();
    putBack = setEnv({ ...BARE, ...server.env });
  });
  after(async () => {
    putBack();
    await server.remove();
  });
  beforeEach(async () => {
    bucket = await server.newBucket();
  });

  async function local(bytes: Buffer, use: (path: string) => Promise<unknown>): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), "images-local-"));
    try {
      await writeFile(join(folder, "file"), bytes);
      return await use(join(folder, "file"));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  function put(bytes: Buffer, to = new S3Destination(bucket)): Promise<unknown> {
    return local(bytes, (path) => to.put({ path, ...factsOf(bytes) }, NAME).catch((error: unknown) => error));
  }

  async function failure(work: Promise<unknown>): Promise<string> {
    const error = await work.catch((e: unknown) => e);
    expect(Fault.is(error), String(error)).to.equal(true);
    const { message } = error as Fault;
    expect(message).not.to.contain(server.accessKeyId).and.not.to.contain(server.secretAccessKey);
    return message;
  }

  destinationContract("S3Destination", NAME, async () => ({
    destination: new S3Destination(bucket),
    async read(Key) {
      const found = await server.client
        .send(new GetObjectCommand({ Bucket: bucket, Key }))
        .catch(() => undefined);
      return found?.Body && Buffer.from(await found.Body.transformToByteArray());
    },
    async write(Key, Body) {
      await server.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
    list: async () => [...(await server.keys(bucket)), ...(await server.uploads(bucket))],
    cleanUp: async () => undefined,
  }));

  it("keeps a checksum of each part for everybody to verify, and the whole file's in the metadata", async () => {
    const bytes = randomBytes(20 * 2 ** 20);
    expect(await put(bytes)).to.equal("written");
    const head = await server.client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: NAME, ChecksumMode: "ENABLED" }),
    );
    expect(head.ChecksumSHA256).to.match(/^[A-Za-z0-9+/]{43}=-3$/);
    expect(`sha256:${head.Metadata?.sha256}`).to.equal(factsOf(bytes).checksum);
  });

  it("puts nothing where the file isn't what it is said to be", async () => {
    const said = factsOf(Buffer.alloc(20 * 2 ** 20));
    const error = await local(randomBytes(said.sizeBytes), (path) =>
      new S3Destination(bucket).put({ path, ...said }, NAME).catch((e: unknown) => e),
    );
    expect(Fault.is(error) && error.message).to.contain("changed while it was sent");
    expect([...(await server.keys(bucket)), ...(await server.uploads(bucket))]).to.deep.equal([]);
  });

  it("clears away what killed uploads left of its own object, and of no other", async () => {
    for (const Key of [NAME, `${NAME}.other`]) {
      const { UploadId } = await server.client.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key }),
      );
      const part = { Bucket: bucket, Key, UploadId, PartNumber: 1, Body: randomBytes(1000) };
      await server.client.send(new UploadPartCommand(part));
    }
    expect(await put(randomBytes(1000))).to.equal("written");
    expect(await server.uploads(bucket)).to.deep.equal([`${NAME}.other`]);
  });

  describe("with what is left of an upload that was cut off", () => {
    const SIZE = 40 * 2 ** 20;
    /** A part is there at least, however many were on their way. */
    const MOST_AGAIN = 36 * 2 ** 20;
    let bytes: Buffer;
    beforeEach(async () => {
      bytes = randomBytes(SIZE);
      expect(await sentBy(bytes, SIZE * 0.75)).to.be.lessThan(SIZE);
      expect(await server.uploads(bucket)).to.deep.equal([NAME]);
    });

    /** Puts a file, cut off where so many bytes were sent; tells how many went to the server. */
    async function sentBy(file: Buffer, cutOffAt = Infinity): Promise<number> {
      const proxy = await FaultProxy.before(server.endpoint, () => "pass");
      const cut = new AbortController();
      proxy.onSent = (sent) => {
        if (sent < cutOffAt) return;
        proxy.stall();
        cut.abort(new Error("cut off"));
      };
      try {
        await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, () =>
          local(file, async (path) => {
            const destination = new S3Destination(bucket);
            const putting = destination.put({ path, ...factsOf(file) }, NAME, { signal: cut.signal });
            const outcome = await putting.catch((error: unknown) => error);
            expect(cut.signal.aborted ? Fault.is(outcome) : outcome === "written", String(outcome)).to.equal(
              true,
            );
            await destination.close();
          }),
        );
        return proxy.sentBytes;
      } finally {
        await proxy.close();
      }
    }

    async function expectToStand(file: Buffer): Promise<void> {
      const found = await server.client.send(new GetObjectCommand({ Bucket: bucket, Key: NAME }));
      expect(Buffer.from(await found.Body!.transformToByteArray()).equals(file)).to.equal(true);
      expect(await new S3Destination(bucket).stat(NAME)).to.deep.equal(factsOf(file));
      expect(await server.uploads(bucket)).to.deep.equal([]);
    }

    it("sends the rest of the same file", async () => {
      expect(await sentBy(bytes)).to.be.lessThan(MOST_AGAIN);
      await expectToStand(bytes);
    });

    it("goes on with it however often it is cut off", async () => {
      await sentBy(bytes, SIZE / 4);
      expect(await sentBy(bytes)).to.be.lessThan(MOST_AGAIN);
      await expectToStand(bytes);
    });

    it("sends another file of the same length as a whole, though it begins alike", async () => {
      const other = Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]);
      expect(await sentBy(other)).to.be.greaterThan(SIZE);
      await expectToStand(other);
    });

    it("clears it away where another file takes its name", async () => {
      const short = randomBytes(1000);
      expect(await put(short)).to.equal("written");
      await expectToStand(short);
    });
  });

  it("says that there is no such bucket, whatever is asked", async () => {
    const destination = new S3Destination("no-such-bucket");
    const says = `there is no bucket no-such-bucket at ${server.endpoint}. Make it`;
    expect(((await put(randomBytes(10), destination)) as Error).message).to.contain(says);
    expect(await failure(destination.probe(NAME))).to.contain(says);
    expect(await failure(destination.stat(NAME))).to.contain(says);
    expect(await failure(destination.remove(NAME, factsOf(Buffer.alloc(0))))).to.contain(says);
    await destination.close();
  });

  it("says that the server doesn't take the credentials, and names none of them", async () => {
    for (const wrong of [
      { AWS_SECRET_ACCESS_KEY: "wrong" },
      { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "wrong" },
    ]) {
      await withEnv(wrong, async () => {
        const message = await failure(new S3Destination(bucket).stat(NAME));
        expect(message).to.contain(`${server.endpoint} doesn't take the credentials (`);
        expect(message).to.contain("AWS_PROFILE").and.not.to.contain("wrong").and.not.to.contain("nobody");
      });
    }
  });

  it("says what an account lacks that isn't allowed into the bucket", async () => {
    const user = await server.newUser();
    await withEnv(user, async () => {
      expect(await failure(new S3Destination(bucket).stat(NAME))).to.contain(
        `aren't allowed to do this in the bucket ${bucket}. They need s3:ListBucket`,
      );
      const error = await put(randomBytes(10));
      expect((error as Error).message).to.contain("aren't allowed to do this");
    });
  });

  it("says that there are no credentials", async () => {
    await withEnv({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }, async () => {
      expect(await failure(new S3Destination(bucket).stat(NAME))).to.contain("there are no credentials");
    });
  });

  it("says that the endpoint isn't one, without repeating it", async () => {
    await withEnv({ AWS_ENDPOINT_URL_S3: "user:secret@host" }, async () => {
      expect(() => new S3Destination(bucket)).to.throw(
        /^Reading AWS_ENDPOINT_URL_S3 failed: it isn't a URL[^@]*$/,
      );
    });
  });

  it("says that a server is out of reach", async () => {
    await withEnv({ AWS_ENDPOINT_URL_S3: "http://user:secret@127.0.0.1:9" }, async () => {
      const message = await failure(new S3Destination(bucket).stat(NAME));
      expect(message).to.contain("http://127.0.0.1:9 is out of reach (ECONNREFUSED)");
      expect(message).not.to.contain("secret");
    });
  });

  it("fails clearly where the server goes away in the middle, and succeeds when it is back", async () => {
    const bytes = randomBytes(64 * 2 ** 20);
    const destination = new S3Destination(bucket, 500);
    const error = await local(bytes, (path) =>
      destination
        .put({ path, ...factsOf(bytes) }, NAME, { progress: () => void server.end() })
        .catch((e: unknown) => e),
    );
    expect(Fault.is(error) && error.message).to.contain(`${server.endpoint} is out of reach`);
    await server.run();
    expect(await server.keys(bucket)).to.deep.equal([]);
    expect(await put(bytes, destination)).to.equal("written");
    expect(await server.uploads(bucket)).to.deep.equal([]);
    await destination.close();
  });

  it("gives up on a server that breaks off every answer", async () => {
    const breaking = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await new Promise((listening) => breaking.once("listening", listening));
    const { port } = breaking.address() as { port: number };
    try {
      await withEnv({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` }, async () => {
        expect(await failure(new S3Destination(bucket).stat(NAME))).to.contain(
          "is out of reach (ECONNRESET)",
        );
      });
    } finally {
      breaking.close();
    }
  });
});

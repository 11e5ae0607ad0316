import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Bucket } from "../../../../provider/engine/s3/bucket";
import { BucketError } from "../../../../provider/engine/s3/bucket-requests";
import { withEnv } from "../../../support/s3-server";

const COMPLETED = "<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>";

/** A server that is slow to put an object together: `lost` completions have no answer, for `absent` looks nothing is there. */
async function slowServer({ lost, absent }: { lost: number; absent: number }) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.method!);
    const times = asked.filter((method) => method === request.method).length;
    request.resume().once("end", () => {
      if (request.method === "HEAD") response.writeHead(times > absent ? 200 : 404).end();
      else if (times <= lost) request.socket.destroy();
      else response.end(COMPLETED);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_CONFIG_FILE: "/dev/null",
  };
  const complete = (retryMs = 10_000) =>
    withEnv(env, async () => Bucket.named("b", { retryMs }).uploads.complete("k", "upload", []));
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { asked, complete, close };
}

describe("the completion of an upload", () => {
  it("is believed at once where it was asked for once", async () => {
    const { asked, complete, close } = await slowServer({ lost: 0, absent: 9 });
    expect(await complete()).to.equal("completed");
    expect(asked).to.deep.equal(["POST"]);
    await close();
  });

  it("is believed when the object is there, where its first answer was lost", async () => {
    const { asked, complete, close } = await slowServer({ lost: 1, absent: 2 });
    expect(await complete()).to.equal("completed");
    expect(asked).to.deep.equal(["POST", "POST", "HEAD", "HEAD", "HEAD"]);
    await close();
  });

  it("isn't believed where the object never appears", async () => {
    const { complete, close } = await slowServer({ lost: 1, absent: Infinity });
    const error = await complete(300).catch((each: unknown) => each);
    expect(error).to.be.instanceOf(BucketError);
    expect(String(error)).to.contain("hasn't put the object together yet");
    await close();
  });
});

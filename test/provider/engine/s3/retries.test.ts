import { expect } from "chai";
import { mayRetry, retrying } from "../../../../provider/engine/s3/retries";

const answered = (status: number, name = "Error") =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });
const failed = (code: string) => Object.assign(new Error(code), { code });

describe("a request to an S3 server", () => {
  for (const [what, error] of [
    ["an internal error", answered(500, "InternalError")],
    ["a server that is too busy", answered(503, "SlowDown")],
    ["too many requests", answered(429)],
    ["a reset connection", failed("ECONNRESET")],
    ["a server that isn't up", failed("ECONNREFUSED")],
    ["a server that is silent", Object.assign(new Error(), { name: "TimeoutError" })],
    ["bytes that arrived as others", answered(400, "BadDigest")],
    ["several addresses that nobody answers at", { errors: [failed("ECONNREFUSED")] }],
  ] as const) {
    it(`is made again after ${what}`, async () => {
      expect(mayRetry(error)).to.equal(true);
      let tries = 0;
      const request = async () => {
        if (++tries < 3) throw error;
        return "done";
      };
      expect(await retrying(request, { retryMs: 10_000 })).to.equal("done");
      expect(tries).to.equal(3);
    });
  }

  for (const [what, error] of [
    ["a refusal", answered(403, "AccessDenied")],
    ["what isn't there", answered(404, "NoSuchBucket")],
    ["a name that is taken", answered(412, "PreconditionFailed")],
    ["a server that is full", answered(507, "InsufficientStorage")],
    ["a request that is wrong", answered(400, "InvalidArgument")],
    ["a host that doesn't exist", failed("ENOTFOUND")],
    ["a mistake of ours", new TypeError("x is undefined")],
  ] as const) {
    it(`isn't made again after ${what}`, async () => {
      let tries = 0;
      const request = async () => {
        tries++;
        throw error;
      };
      expect(await retrying(request, { retryMs: 10_000 }).catch((e: unknown) => e)).to.equal(error);
      expect(tries).to.equal(1);
    });
  }

  it("is given up when patience ends, with what was said last", async () => {
    let tries = 0;
    const request = async () => {
      throw answered(503, `SlowDown ${++tries}`);
    };
    const error = await retrying(request, { retryMs: 300 }).catch((e: Error) => e);
    expect(tries).to.be.greaterThan(1);
    expect((error as Error).message).to.equal(`SlowDown ${tries}`);
  });

  it("is given up at once where it is broken off, with the reason", async () => {
    const ending = new AbortController();
    const request = async () => {
      ending.abort(new Error("enough"));
      throw answered(503);
    };
    const error = await retrying(request, { retryMs: 60_000, signal: ending.signal }).catch((e: Error) => e);
    expect((error as Error).message).to.equal("enough");
  });
});

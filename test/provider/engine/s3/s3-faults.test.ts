import { expect } from "chai";
import { s3Fault } from "../../../../provider/engine/s3/s3-faults";

/** An answer of a server, as the SDK throws it. */
function answer(name: string, status: number, more: object = {}): Error {
  return Object.assign(
    new Error("what the server says, secret"),
    { name, $metadata: { httpStatusCode: status } },
    more,
  );
}

describe("faults of S3 servers that the tests' own doesn't have", () => {
  for (const [title, error, says] of [
    ["an upload that others aborted", answer("NoSuchUpload", 404), "somebody else writes the same object"],
    [
      "a clock that is wrong",
      answer("RequestTimeTooSkewed", 403),
      "the clock of this machine differs too much",
    ],
    [
      "a bucket elsewhere",
      answer("PermanentRedirect", 301, { Region: "eu-west-1" }),
      "the bucket golden is in another region, eu-west-1. Set AWS_REGION to it",
    ],
    ["a session that ended", answer("ExpiredToken", 400), "doesn't take the credentials (ExpiredToken)"],
    ["a server in trouble", answer("SlowDown", 503), "answered SlowDown (503)"],
    [
      "several addresses that nobody answers at",
      Object.assign(new Error(""), { errors: [Object.assign(new Error(""), { code: "ECONNREFUSED" })] }),
      "is out of reach (ECONNREFUSED)",
    ],
    ["a file that can't be read", new Error("EIO: i/o error"), "EIO: i/o error"],
  ] as const) {
    it(`word ${title}`, () => {
      const { message } = s3Fault(error, "Writing golden-vda.raw", "golden");
      expect(message).to.contain("Writing golden-vda.raw failed: ").and.to.contain(says);
      expect(message).not.to.contain("secret");
    });
  }
});

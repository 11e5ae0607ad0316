import { expect } from "chai";
import { kmsFault } from "../../../../../provider/engine/keys/aws-kms/faults";

/** As AWS documents them: no emulator answers them all. */
describe("what AWS KMS refuses", () => {
  const answers: [string, RegExp][] = [
    ["AccessDeniedException", /aren't allowed.*kms:DescribeKey, kms:Encrypt and kms:Decrypt/],
    ["UnrecognizedClientException", /doesn't take the credentials.*AWS_PROFILE/],
    ["ExpiredTokenException", /doesn't take the credentials/],
    ["CredentialsProviderError", /no credentials.*AWS_ACCESS_KEY_ID/],
    ["DisabledException", /disabled.*images keys enable key-1/],
    ["KMSInvalidStateException", /cancel that there, then images keys enable key-1/],
    ["NotFoundException", /no key for key-1.*region and the alias/],
    ["TimeoutError", /out of reach \(TimeoutError\)/],
    ["LimitExceededException", /answered LimitExceededException \(400\)/],
  ];
  for (const [name, says] of answers) {
    it(`is told of ${name}, with the remedy`, () => {
      const error = Object.assign(new Error("its words"), { name, $metadata: { httpStatusCode: 400 } });
      expect(kmsFault(error, "Wrapping a data key", "key-1").message).to.match(says);
    });
  }

  it("is told of a region that nothing states", () => {
    const fault = kmsFault(new Error("Region is missing"), "Wrapping a data key", "key-1");
    expect(fault.message).to.contain("AWS_REGION").and.contain("awskms:REGION");
  });
});

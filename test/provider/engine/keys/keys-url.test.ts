import { expect } from "chai";
import { parseKeysUrl } from "../../../../provider/engine/keys/keys-url";
import { ViolationError } from "../../../../provider/engine/violation";

describe("where a region's keys are", () => {
  const right: [string, object][] = [
    ["folder:///srv/images/keys", { kind: "folder", folder: "/srv/images/keys" }],
    ["folder:///srv/with%20space", { kind: "folder", folder: "/srv/with space" }],
    ["awskms:", { kind: "awskms", region: undefined, aliasPrefix: "alias/images" }],
    ["awskms:eu-central-1", { kind: "awskms", region: "eu-central-1", aliasPrefix: "alias/images" }],
    ["awskms:us-gov-west-1", { kind: "awskms", region: "us-gov-west-1", aliasPrefix: "alias/images" }],
    ["awskms:alias/acme/vm", { kind: "awskms", region: undefined, aliasPrefix: "alias/acme/vm" }],
    ["awskms:eu-central-1/alias/acme", { kind: "awskms", region: "eu-central-1", aliasPrefix: "alias/acme" }],
  ];
  for (const [url, location] of right) {
    it(`is said by ${url}`, () => expect(parseKeysUrl(url)).to.deep.equal(location));
  }

  it("is said by a pkcs11: URL", () => {
    expect(parseKeysUrl("pkcs11:token=images?module-path=/m.so")).to.deep.equal({
      kind: "pkcs11",
      uri: { token: { token: "images" }, slotId: undefined, modulePath: "/m.so", pinSource: undefined },
    });
  });

  const wrong: [string, RegExp][] = [
    ["", /isn't a URL.*folder:\/\/\//],
    ["/srv/keys", /isn't a URL/],
    ["vault://host/keys", /can't be at vault:.*pkcs11:.*awskms:/],
    ["folder:keys", /whole path/],
    ["folder://host/keys", /whole path/],
    ["folder:///keys?x=1", /whole path/],
    ["awskms:nowhere", /isn't a place in AWS KMS/],
    ["awskms:eu-central-1/acme", /isn't a place in AWS KMS/],
    ["awskms:eu-central-1alias/acme", /isn't a place in AWS KMS/],
    ["awskms:alias/aws/ebs", /not alias\/aws\//],
    ["awskms:alias/", /isn't a place in AWS KMS/],
    ["pkcs11:", /"token"/],
  ];
  for (const [url, says] of wrong) {
    it(`isn't said by "${url}", and the remedy is`, () => {
      let error: unknown;
      try {
        parseKeysUrl(url);
      } catch (thrown) {
        error = thrown;
      }
      expect(ViolationError.is(error)).to.equal(true);
      const { violations } = error as ViolationError;
      expect(violations[0]!.property).to.equal("keys");
      expect(violations[0]!.reason).to.match(says);
    });
  }
});

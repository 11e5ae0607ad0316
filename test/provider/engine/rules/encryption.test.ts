import { expect } from "chai";
import type { MasterKey } from "../../../../provider/engine/keys/key-service";
import type { DraftOf } from "../../../../provider/engine/records";
import { UNKNOWN } from "../../../../provider/engine/requests";
import type { Maybe } from "../../../../provider/engine/requests";
import {
  fullIsPlainRule,
  keyNeedsEncryptionRule,
  masterKeyRule,
  quickIsPlainRule,
  rebuiltAlikeRule,
  sourceKeyRule,
  staysEncryptedRule,
  withheldRule,
} from "../../../../provider/engine/rules/encryption";
import type { Reached } from "../../../../provider/engine/rules/sources";
import type { Violation } from "../../../../provider/engine/violation";

const owner = { region: "local", account: "default" };

function masterKey(id: string, facts: Partial<MasterKey> = {}): MasterKey {
  return {
    ...owner,
    id,
    name: `name of ${id}`,
    state: "enabled",
    version: 1,
    isDefault: false,
    createdAt: "2024-05-01T10:00:00Z",
    ...facts,
  };
}

const KEYS = [
  masterKey("key-good"),
  masterKey("key-off", { state: "disabled" }),
  masterKey("key-going", { state: "pendingDeletion", deletedAt: "2024-05-08T10:00:00Z" }),
  masterKey("key-web", { account: "web" }),
  masterKey("key-far", { region: "remote" }),
];

/** One violation on the property, with these words; none where there are no words. */
function expectOne(violations: Violation[], property: string, ...words: string[]): void {
  if (words.length === 0) return expect(violations).to.deep.equal([]) && undefined;
  expect(violations).to.have.length(1);
  expect(violations[0]!.property).to.equal(property);
  for (const word of words) expect(violations[0]!.reason).to.contain(word);
}

function reached<K extends "image" | "instance">(kind: K, record: Partial<DraftOf<K>>): Reached<K> {
  const whole = { id: `${kind}-1`, name: "golden", ...record } as DraftOf<K>;
  return { property: `${kind}Id`, kind, id: whole.id, record: whole };
}

describe("the rules of encryption", () => {
  describe("of the master key that something is sealed under", () => {
    const cases: [string, Maybe<string> | undefined, string[]][] = [
      ["allow an enabled key of the same account and region", "key-good", []],
      ["wait for a key that isn't known", UNKNOWN, []],
      ["ask for none where nothing is sealed", undefined, []],
      ["refuse one that isn't there", "key-none", ["There is no master key key-none", "images keys list"]],
      ["refuse a disabled one", "key-off", ["is disabled", "images keys enable key-off"]],
      [
        "refuse one that is scheduled for deletion",
        "key-going",
        ["scheduled for deletion at 2024-05-08T10:00:00Z", "images keys restore key-going"],
      ],
      ["refuse another account's", "key-web", ["belongs to account web in region local"]],
      ["refuse another region's", "key-far", ["belongs to account default in region remote"]],
    ];
    for (const [sentence, id, words] of cases) {
      it(sentence, () => expectOne(masterKeyRule(id, owner, KEYS), "kmsKeyId", ...words));
    }

    it("say nothing of another account's key but whose it is", () => {
      const [violation] = masterKeyRule("key-web", owner, KEYS);
      expect(violation!.reason).not.to.contain("name of");
    });

    it("wait with the owner where region or account aren't known", () => {
      expectOne(masterKeyRule("key-web", { region: UNKNOWN, account: UNKNOWN }, KEYS), "");
      expectOne(masterKeyRule("key-off", { region: UNKNOWN }, KEYS), "kmsKeyId", "is disabled");
    });
  });

  describe("of the source's master key", () => {
    const cases: [string, Partial<DraftOf<"image">>, string[]][] = [
      ["allow an enabled one", { encrypted: true, kmsKeyId: "key-good" }, []],
      ["ask for none of a source that isn't sealed", { encrypted: false }, []],
      ["wait for a source of which it isn't known", { encrypted: UNKNOWN, kmsKeyId: UNKNOWN }, []],
      ["wait for a key that is made in this run", { encrypted: true, kmsKeyId: UNKNOWN }, []],
      [
        "refuse a disabled one",
        { encrypted: true, kmsKeyId: "key-off" },
        [
          "Image golden (image-1) is sealed under master key name of key-off (key-off), which is disabled",
          "images keys enable key-off",
        ],
      ],
      [
        "refuse one that is scheduled for deletion",
        { encrypted: true, kmsKeyId: "key-going" },
        ["which is scheduled for deletion", "images keys restore key-going"],
      ],
      ["refuse one that is gone", { encrypted: true, kmsKeyId: "key-none" }, ["key-none", "backup"]],
    ];
    for (const [sentence, image, words] of cases) {
      it(sentence, () => expectOne(sourceKeyRule(reached("image", image), KEYS), "imageId", ...words));
    }

    it("refuse an offered image whose disk's key the operator has disabled, and no other", () => {
      const told = ["can't be read for now", "images region keys enable"];
      expectOne(withheldRule(reached("image", { withheld: true })), "imageId", ...told);
      expectOne(withheldRule(reached("image", {})), "");
      expectOne(withheldRule({ property: "imageId", kind: "image", id: UNKNOWN }), "");
    });

    it("wait for a source that isn't known", () => {
      expectOne(sourceKeyRule({ property: "imageId", kind: "image", id: UNKNOWN }, KEYS), "");
    });
  });

  const stated: [string, Violation[], string, string[]][] = [
    [
      "refuse a key for what isn't encrypted",
      keyNeedsEncryptionRule(false, "key-good"),
      "kmsKeyId",
      ["isn't encrypted"],
    ],
    ["allow a key for what is", keyNeedsEncryptionRule(true, "key-good"), "", []],
    ["wait for whether it is", keyNeedsEncryptionRule(UNKNOWN, "key-good"), "", []],
    ["allow what isn't encrypted and names no key", keyNeedsEncryptionRule(false, undefined), "", []],
    [
      "refuse to make something plain of something encrypted",
      staysEncryptedRule(false, true, "instance web (i-1)"),
      "encrypted",
      ["What is made of instance web (i-1) is encrypted", "ImageReplica"],
    ],
    ["allow to say that it stays encrypted", staysEncryptedRule(true, true, "instance web"), "", []],
    ["wait for a source of which that isn't known", staysEncryptedRule(false, UNKNOWN, "web"), "", []],
    [
      "refuse quick provisioning of an encrypted image",
      quickIsPlainRule(true, true),
      "quickProvisioning",
      ["encrypted: false"],
    ],
    ["allow quick provisioning of a plain one", quickIsPlainRule(false, true), "", []],
    ["allow an encrypted one without it", quickIsPlainRule(true, false), "", []],
    [
      "refuse a full image of an encrypted instance",
      fullIsPlainRule("full", reached("instance", { encrypted: true })),
      "instanceId",
      ["instance golden (instance-1)", 'imageType: "data"'],
    ],
    [
      "allow a system image of one",
      fullIsPlainRule("system", reached("instance", { encrypted: true })),
      "",
      [],
    ],
    [
      "allow a full image of a plain one",
      fullIsPlainRule("full", reached("instance", { encrypted: false })),
      "",
      [],
    ],
  ];
  for (const [sentence, violations, property, words] of stated) {
    it(sentence, () => expectOne(violations, property, ...words));
  }

  describe("of a rebuild", () => {
    const data = [{ id: "disk-1", device: "/dev/vdb", size: 1 }];
    const instance = (encrypted: boolean, dataDisks = data) =>
      reached("instance", { encrypted, dataDisks }).record!;

    it("refuse an image that is sealed where the data disks that stay aren't, and the reverse", () => {
      const sealed = reached("image", { encrypted: true });
      expectOne(rebuiltAlikeRule(instance(false), sealed), "imageId", "is encrypted", "encrypted: false");
      const plain = reached("image", { encrypted: false });
      expectOne(rebuiltAlikeRule(instance(true), plain), "imageId", "is not encrypted", "encrypted: true");
    });

    it("allow the same, and any image where there are no data disks", () => {
      expectOne(rebuiltAlikeRule(instance(true), reached("image", { encrypted: true })), "");
      expectOne(rebuiltAlikeRule(instance(false, []), reached("image", { encrypted: true })), "");
      expectOne(rebuiltAlikeRule(instance(false), reached("image", { encrypted: UNKNOWN })), "");
    });
  });
});

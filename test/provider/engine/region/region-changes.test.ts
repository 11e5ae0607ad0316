import { expect } from "chai";
import { offeredRecord } from "../../../../provider/engine/catalog/offered-images";
import { DEFAULT_QUOTAS } from "../../../../provider/engine/model";
import { regionChanges } from "../../../../provider/engine/region/region-changes";
import type {
  AccountSetup,
  RegionSetup,
  StandingSetup,
} from "../../../../provider/engine/region/region-setup";

const VERSION = 3;
const account = (name: string, more: Partial<AccountSetup> = {}): AccountSetup => ({
  name,
  role: name,
  quotas: DEFAULT_QUOTAS,
  ...more,
});
const debian = offeredRecord("north", {
  id: "img-debian",
  name: "Debian",
  visibility: "public",
  minDisk: 10,
});
const setup: RegionSetup = {
  disks: "s3://disks/team",
  keys: "folder:///srv/keys",
  regions: [{ name: "north", accounts: [account("web"), account("data")], offered: [debian] }],
};
const standing: StandingSetup = {
  schemaVersion: VERSION,
  setup,
  holdings: [{ region: "north", account: "data", holds: "3 images, 1 instance" }],
  hasDisks: true,
  hasKeys: true,
  lacking: [],
  defaultKeys: [],
  sealingKeys: ["web", "data"].map((name) => ({
    region: "north",
    account: name,
    id: `key-${name}`,
    version: 1,
  })),
  roles: new Set(["web", "data"]),
};
const NOTHING: StandingSetup = {
  schemaVersion: 0,
  setup: { regions: [] },
  holdings: [],
  hasDisks: false,
  hasKeys: false,
  lacking: [],
  defaultKeys: [],
  sealingKeys: [],
  roles: new Set(["web"]),
};

function with_(changes: Partial<RegionSetup["regions"][0]>): RegionSetup {
  return { ...setup, regions: [{ ...setup.regions[0]!, ...changes }] };
}

const said = (from: StandingSetup, to: RegionSetup) =>
  regionChanges(from, to, VERSION).changes.map(({ op, what, details }) => [op, what, ...details].join(" | "));

describe("The changes of a team's region", () => {
  it("are none where it is as wanted", () => {
    expect(regionChanges(standing, setup, VERSION)).to.deep.equal({ changes: [], refusals: [] });
  });

  it("make all of a new one, and the roles that the server doesn't have", () => {
    const quotas = "privateImages 5 | membersPerImage 5 | acceptedShares 5 | snapshots 20";
    expect(said(NOTHING, setup)).to.deep.equal([
      "create | schema images | version 3",
      "create | disks | s3://disks/team",
      "create | keys | folder:///srv/keys",
      "create | region north",
      `create | account web in region north | role web | ${quotas}`,
      `create | account data in region north | role data | ${quotas}`,
      "create | public image img-debian (Debian) | a blank stand-in for its disk",
      "create | sealing key of account web in region north",
      "create | sealing key of account data in region north",
      'create | database role data | without a login: grant "data" to those of its users',
    ]);
  });

  const cases: [string, StandingSetup, RegionSetup, string[]][] = [
    [
      "take an older schema to this program's version",
      { ...standing, schemaVersion: 1 },
      setup,
      ["update | schema images | version 1 → 3"],
    ],
    [
      "name each quota and the role that an account gets",
      standing,
      with_({
        accounts: [
          account("web", { role: "web-team", quotas: { ...DEFAULT_QUOTAS, snapshots: 50 } }),
          account("data"),
        ],
      }),
      [
        "update | account web in region north | role web → web-team | snapshots 20 → 50",
        'create | database role web-team | without a login: grant "web-team" to those of its users',
      ],
    ],
    [
      "make the key that seals an account's disks where it has none",
      { ...standing, sealingKeys: standing.sealingKeys.filter(({ account }) => account === "web") },
      setup,
      ["create | sealing key of account data in region north"],
    ],
    [
      "make the default key of an account that is to have one, and has none",
      { ...standing, defaultKeys: [{ region: "north", account: "web" }] },
      with_({ accounts: [account("web", { defaultKey: true }), account("data", { defaultKey: true })] }),
      ["create | default key of account data in region north"],
    ],
    [
      "tell of another order, as the first account is the default one",
      standing,
      with_({ accounts: [account("data"), account("web")] }),
      ["update | The order of accounts in region north | web, data → data, web"],
    ],
    [
      "take out an account that holds nothing",
      standing,
      with_({ accounts: [account("data")] }),
      ["delete | account web in region north"],
    ],
    [
      "say what of an offered image becomes different",
      standing,
      with_({ offered: [{ ...debian, name: "Debian 12", standIn: undefined }] }),
      ["update | public image img-debian (Debian 12) | name | its disk file, 10 GiB"],
    ],
    [
      "take out an image that is no longer offered",
      standing,
      with_({ offered: [] }),
      ["delete | public image img-debian (Debian)"],
    ],
  ];
  for (const [what, from, to, expected] of cases) {
    it(what, () => {
      expect(said(from, to)).to.deep.equal(expected);
      expect(regionChanges(from, to, VERSION).refusals).to.deep.equal([]);
    });
  }

  const refused: [string, StandingSetup, RegionSetup, RegExp][] = [
    [
      "a schema of a later program",
      { ...standing, schemaVersion: 4 },
      setup,
      /schema is version 4, and this program knows versions up to 3/,
    ],
    [
      "an account that still holds something",
      standing,
      with_({ accounts: [account("web")] }),
      /account data of region north has 3 images, 1 instance\. Keep it in the file/,
    ],
    [
      "a region whose account still holds something",
      standing,
      { ...setup, regions: [] },
      /account data of region north has/,
    ],
    [
      "a region whose offered images have disks",
      { ...standing, holdings: [{ region: "north", account: "@operator", holds: "1 master key, 2 disks" }] },
      { ...setup, regions: [{ name: "south", accounts: [account("web")], offered: [] }] },
      /region north has 1 master key, 2 disks for the images that it offers\. Keep it/,
    ],
    [
      "another bucket while there are disks in this one",
      standing,
      { ...setup, disks: "s3://other" },
      /disks are in s3:\/\/disks\/team, and applying moves none/,
    ],
    [
      "another key service while there are keys in this one",
      standing,
      { ...setup, keys: "awskms:" },
      /master keys are in folder:\/\/\/srv\/keys, and no key leaves its service/,
    ],
  ];
  for (const [what, from, to, expected] of refused) {
    it(`are refused for ${what}`, () => {
      const { refusals } = regionChanges(from, to, VERSION);
      expect(refusals).to.have.length(1);
      expect(refusals[0]).to.match(expected);
    });
  }

  it("may be another bucket and key service while nothing is in them", () => {
    const moved = { ...setup, disks: "s3://other", keys: "awskms:" };
    const { changes, refusals } = regionChanges(
      { ...standing, hasDisks: false, hasKeys: false },
      moved,
      VERSION,
    );
    expect(refusals).to.deep.equal([]);
    const sealing = ["web", "data"].map((name) => `sealing key of account ${name} in region north`);
    expect(changes.map(({ what }) => what)).to.deep.equal(["disks", "keys", ...sealing]);
  });
});

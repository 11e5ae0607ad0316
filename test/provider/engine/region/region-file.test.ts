import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readRegionFile } from "../../../../provider/engine/region/region-file";
import { ViolationError } from "../../../../provider/engine/violation";

describe("The operator's file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-region-"));
    await writeFile(join(folder, "disk.raw"), Buffer.alloc(1024, 7));
    await writeFile(join(folder, "disk.qcow2"), "QFI\xfb".padEnd(1024), "latin1");
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(text: string) {
    await writeFile(join(folder, "region.yaml"), text);
    return readRegionFile(folder);
  }

  for (const [what, text] of [
    ["absent", undefined],
    ["empty", ""],
    ["only comments", "# nothing yet\n"],
    ["an empty mapping", "{}\n"],
  ] as const) {
    it(`${what}: one region local, account default, the public catalogue and the quotas by default`, async () => {
      const settings = text === undefined ? await readRegionFile(folder) : await read(text);
      expect(settings.regions).to.deep.equal([
        {
          name: "local",
          accounts: [
            {
              name: "default",
              quotas: { privateImages: 5, membersPerImage: 5, acceptedShares: 5, snapshots: 20 },
            },
          ],
        },
      ]);
      expect(settings.offeredImages).to.have.length(14);
      expect(settings.offeredImages.every((image) => image.standIn)).to.equal(true);
      expect(settings.external("public:img-pub-centos-7-4")).to.deep.equal({
        path: undefined,
        virtualBytes: 20 * 2 ** 30,
      });
      expect(settings.external("d-1")).to.equal(undefined);
    });
  }

  it("sets quotas for the region, and for an account over them", async () => {
    const { regions } = await read(
      "region: north\nquotas: { privateImages: 50 }\naccounts:\n  - name: build\n    quotas: { privateImages: 7, snapshots: 0 }\n  - name: test\n",
    );
    expect(regions[0]?.name).to.equal("north");
    expect(regions[0]?.accounts).to.deep.equal([
      {
        name: "build",
        quotas: { privateImages: 7, membersPerImage: 5, acceptedShares: 5, snapshots: 0 },
      },
      {
        name: "test",
        quotas: { privateImages: 50, membersPerImage: 5, acceptedShares: 5, snapshots: 20 },
      },
    ]);
  });

  it("registers disk files for entries of the public catalogue, and adds public and marketplace images", async () => {
    const { offeredImages, external } = await read(`
publicImages:
  - id: img-pub-ubuntu-16-04
    diskFile: disk.raw
  - name: Debian 12
    osName: Debian
    minDisk: 8
marketplaceImages:
  - name: Build Server
    publisher: Example
    id: img-build-server
    diskFile: ./disk.raw
`);
    expect(offeredImages).to.have.length(16);
    const byId = new Map(offeredImages.map((image) => [image.id, image]));
    expect(byId.get("img-pub-ubuntu-16-04")).to.include({
      name: "Ubuntu 16.04 64-bit",
      standIn: false,
      minDisk: 20,
    });
    expect(byId.get("img-pub-debian-12")).to.include({ visibility: "public", standIn: true, minDisk: 8 });
    const server = byId.get("img-build-server");
    expect(server).to.include({ visibility: "marketplace", description: "Published by Example." });
    expect(server?.architectures).to.deep.equal(["localDisk", "cloudDisk"]);
    for (const id of ["public:img-pub-ubuntu-16-04", "marketplace:img-build-server"]) {
      expect(external(id)).to.deep.equal({ path: join(folder, "disk.raw"), virtualBytes: 1024 });
    }
  });

  it("holds several regions, a document each, whose images have IDs of their own", async () => {
    const { regions, offeredImages } = await read("region: north\n---\nregion: south\n");
    expect(regions.map((region) => region.name)).to.deep.equal(["north", "south"]);
    const ids = offeredImages.map((image) => image.id);
    expect(new Set(ids).size).to.equal(28);
    expect(ids).to.include.members(["img-pub-ubuntu-14-04", "img-pub-ubuntu-14-04.south"]);
  });

  const refused: [string, string, [number, RegExp][]][] = [
    [
      "an unknown key",
      "region: north\nquota: 3\n",
      [[2, /there is no key "quota" here\. Known are: region, accounts/]],
    ],
    [
      "an unknown key of an account",
      "accounts:\n  - name: a\n    limit: 3\n",
      [[3, /accounts\[0\]: there is no key "limit" here\. Known are: name, quotas/]],
    ],
    ["a wrong type", "quotas:\n  snapshots: many\n", [[2, /quotas\.snapshots: must be of type integer/]]],
    ["a negative quota", "quotas:\n\n  snapshots: -1\n", [[3, /quotas\.snapshots: must be >= 0/]]],
    ["an account with no name", "accounts:\n  - quotas: {}\n", [[2, /accounts\[0\]: name is missing/]]],
    ["no account at all", "accounts: []\n", [[1, /accounts: must have at least one entry/]]],
    [
      "an account that stands twice",
      "accounts:\n  - name: a\n  - name: b\n  - name: a\n",
      [[4, /accounts\[2\]\.name: the account a stands twice/]],
    ],
    [
      "a region that stands twice",
      "region: a\n---\nregion: a\n",
      [[3, /the region a stands in an earlier document/]],
    ],
    ["a bad name", 'region: "north west"\n', [[1, /region: must be 1 to 63 of/]]],
    ["what isn't a mapping", "- region\n", [[1, /must be of type object/]]],
    ["what isn't YAML", 'region: "north\naccounts: []\n', [[3, /quote/]]],
    ["a key that stands twice", "region: a\nregion: b\n", [[2, /unique/]]],
    [
      "a disk file that isn't there",
      "publicImages:\n  - name: Debian\n    diskFile: absent.raw\n",
      [[3, /publicImages\[0\]\.diskFile: There is no file .*absent\.raw/]],
    ],
    [
      "a disk file that isn't raw",
      "publicImages:\n  - name: Debian\n    diskFile: disk.qcow2\n",
      [[3, /diskFile: The disk file .* is qcow2, not raw\. Convert it first/]],
    ],
    [
      "an ID that is in no catalogue",
      "publicImages:\n  - id: img-pub-debian\n",
      [[2, /there is no public image img-pub-debian; give a name to add one/]],
    ],
    [
      "another name for a public image",
      "publicImages:\n  - id: img-pub-ubuntu-16-04\n    name: Xenial\n",
      [[2, /img-pub-ubuntu-16-04, "Ubuntu 16\.04 64-bit", is of the public catalogue/]],
    ],
    [
      "two images of one name",
      "publicImages:\n  - name: Debian\n  - name: Debian\n",
      [[3, /publicImages\[1\]: an image "Debian" stands already/]],
    ],
    [
      "two images of one ID",
      "marketplaceImages:\n  - { name: A, publisher: P, id: img-a }\n  - { name: B, publisher: P, id: img-a }\n",
      [[3, /the ID img-a stands for another image already/]],
    ],
    [
      "a marketplace image with no publisher",
      "marketplaceImages:\n  - name: A\n",
      [[2, /marketplaceImages\[0\]: publisher is missing/]],
    ],
    [
      "an operating system of no known type",
      "publicImages:\n  - name: A\n    osType: beos\n",
      [[3, /osType: must be one of linux, windows/]],
    ],
    [
      "several of these, all at once and in order",
      "regions: north\nquotas:\n  images: 3\n  snapshots: x\n---\naccounts: 3\n",
      [
        [1, /"regions"/],
        [3, /"images"/],
        [4, /snapshots/],
        [6, /accounts: must be of type array/],
      ],
    ],
  ];
  for (const [what, text, expected] of refused) {
    it(`is refused with file and line for ${what}`, async () => {
      const error = await read(text).catch((e: unknown) => e);
      expect(ViolationError.is(error), String(error)).to.equal(true);
      const reasons = (error as ViolationError).violations.map((violation) => violation.reason);
      expect(reasons, reasons.join("\n")).to.have.length(expected.length);
      for (const [index, [line, reason]] of expected.entries()) {
        expect(reasons[index]).to.match(reason);
        expect(
          reasons[index]?.startsWith(`${join(folder, "region.yaml")}:${line}: `),
          reasons[index],
        ).to.equal(true);
      }
    });
  }
});

import { expect } from "chai";
import type { CatalogSnapshot } from "../../../../../provider/engine/catalog/catalog";
import { offeredRecord } from "../../../../../provider/engine/catalog/offered-images";
import type { StoredKey } from "../../../../../provider/engine/keys/stored-key";
import { DEFAULT_QUOTAS } from "../../../../../provider/engine/model";
import type {
  ImageRecord,
  InstanceRecord,
  ShareRecord,
  VolumeRecord,
} from "../../../../../provider/engine/model";
import { planCopy } from "../../../../../provider/engine/region/copy/copy-plan";
import type { CopySource, CopyTarget } from "../../../../../provider/engine/region/copy/copy-plan";

const NOW = new Date("2026-06-01T00:00:00Z");
const ubuntu = offeredRecord("north", {
  id: "img-ubuntu",
  name: "Ubuntu",
  visibility: "public",
  minDisk: 10,
});
const common = {
  ...{ region: "north", account: "web", createdAt: "2026-01-01T00:00:00.000Z", tags: {}, encrypted: false },
  lineage: [],
};
const image: ImageRecord = {
  ...common,
  ...{ id: "img-1", name: "golden", sequence: 2, visibility: "private", description: "", imageType: "full" },
  ...{
    architectures: ["cloudDisk"],
    status: "active",
    os: {},
    minDisk: 20,
    nicMultiqueue: false,
    sriovDriver: false,
  },
  deviceMappings: [
    { device: "/dev/vda", kind: "snapshot", id: "snap-1", size: 20, basedOn: ["snap-0"] },
    { device: "/dev/vdb", kind: "snapshot", id: "snap-2", size: 5 },
  ],
  source: { type: "instance", id: "i-1" },
  scratch: ["disk-0"],
};
const instance: InstanceRecord = {
  ...common,
  ...{ id: "i-1", name: "builder", sequence: 1, status: "running", architecture: "cloudDisk", os: {} },
  systemDisk: { id: "disk-1", device: "/dev/vda", size: 20, basedOn: ["snap-1", "snap-0"] },
  dataDisks: [{ id: "disk-2", device: "/dev/vdb", size: 5 }],
  imageId: "img-ubuntu",
  source: { type: "image", id: "img-ubuntu" },
  origin: { declaredBy: "urn:a", creationToken: "token-1", seen: true },
};
const volume: VolumeRecord = {
  ...common,
  ...{ id: "vol-1", name: "sealed", sequence: 4, status: "available", encrypted: true },
  disk: { id: "disk-3", device: "/dev/vdb", size: 1 },
  ...{ kmsKeyId: "key-aaaaaaaaaaaa", wrappedKey: `v1.key-aaaaaaaaaaaa.2.${"A".repeat(80)}` },
};
const share: ShareRecord = {
  ...{ id: "shr-1", region: "north", imageId: "img-1", account: "web", memberId: "data", sequence: 3 },
  createdAt: common.createdAt,
};
const key: StoredKey = {
  ...{ id: "key-aaaaaaaaaaaa", name: "default", region: "north", account: "web", isDefault: true },
  ...{ disabled: false, version: 2, createdAt: common.createdAt },
};
const snapshot: CatalogSnapshot = {
  images: [ubuntu, image],
  instances: [instance],
  volumes: [volume],
  shares: [share],
  exports: [],
};
const source: CopySource = { snapshot, keys: [key], now: NOW };
const account = (name: string, quotas = DEFAULT_QUOTAS) => ({ name, role: name, quotas });
const empty: CopyTarget = {
  regions: [{ name: "north", accounts: [account("web"), account("data")], offered: [ubuntu] }],
  records: [],
  keys: [],
};

describe("The plan of a copy to another region", () => {
  it("takes all records in the order of their creation, with IDs, times and creation tokens", () => {
    const { records, present, refusals } = planCopy(source, empty);
    expect(refusals).to.deep.equal([]);
    expect(present).to.equal(0);
    expect(records.map(({ kind, record }) => `${kind} ${record.id}`)).to.deep.equal([
      "instance i-1",
      "image img-1",
      "share shr-1",
      "volume vol-1",
    ]);
    expect(records[0]!.record).to.deep.include({ createdAt: instance.createdAt, origin: instance.origin });
  });

  it("makes each disk stand by itself, and copies no layer that only others are based on", () => {
    const { contents, records } = planCopy(source, empty);
    expect(contents.map(({ id }) => id)).to.deep.equal(["disk-1", "disk-2", "snap-1", "snap-2", "disk-3"]);
    expect(JSON.stringify(records)).to.not.match(/basedOn|scratch/);
  });

  it("copies a disk that two images hold once", () => {
    const converted: ImageRecord = { ...image, id: "img-2", sequence: 9 };
    const both = { ...snapshot, images: [ubuntu, image, converted] };
    const { contents } = planCopy({ ...source, snapshot: both }, empty);
    expect(contents.filter(({ id }) => id === "snap-1")).to.have.length(1);
  });

  it("says which disks are sealed, and takes the master keys that can be used", () => {
    const unused: StoredKey = { ...key, id: "key-bbbbbbbbbbbb", isDefault: false, disabled: true };
    const { contents, keys, refusals } = planCopy({ ...source, keys: [key, unused] }, empty);
    expect(refusals).to.deep.equal([]);
    expect(contents.filter(({ wrappedKey }) => wrappedKey !== undefined).map(({ id }) => id)).to.deep.equal([
      "disk-3",
    ]);
    expect(keys.map(({ id }) => id)).to.deep.equal(["key-aaaaaaaaaaaa"]);
  });

  it("leaves out what stands there already, whatever number it has and however its data key is wrapped", () => {
    const done = planCopy(source, empty).records.map(
      (copied) =>
        ({ ...copied, record: { ...copied.record, sequence: 77, wrappedKey: undefined } }) as typeof copied,
    );
    const { records, contents, present, refusals } = planCopy(source, { ...empty, records: done });
    expect([records, contents, refusals]).to.deep.equal([[], [], []]);
    expect(present).to.equal(4);
  });

  const with_ = (more: Partial<CatalogSnapshot>): CopySource => ({
    ...source,
    snapshot: { ...snapshot, ...more },
  });
  const region = (more: Partial<CopyTarget["regions"][0]>): CopyTarget => ({
    regions: [{ ...empty.regions[0]!, ...more }],
    records: [],
    keys: [],
  });
  const refused: [string, CopySource, CopyTarget, RegExp][] = [
    [
      "what was changed in either since it was copied",
      source,
      { ...empty, records: [{ kind: "volume", record: { ...volume, name: "renamed" } }] },
      /^Volume sealed \(vol-1\) stands in both regions and was changed in one of them/,
    ],
    [
      "what is being made",
      with_({ images: [ubuntu, { ...image, status: "creating" }] }),
      empty,
      /^Image golden \(img-1\) is being made/,
    ],
    [
      "an account that the other region hasn't",
      source,
      region({ accounts: [account("data")] }),
      /^There is no account web in region north where it is to be copied to/,
    ],
    [
      "a region that the other endpoint hasn't",
      source,
      { regions: [], records: [], keys: [] },
      /^There is no region north/,
    ],
    [
      "a public image that isn't offered there",
      source,
      region({ offered: [] }),
      /^Public image img-ubuntu \(Ubuntu\), which instances were made of, isn't offered by region north/,
    ],
    [
      "a public image that only another region offers",
      source,
      {
        regions: [
          { name: "south", accounts: [], offered: [ubuntu] },
          { ...empty.regions[0]!, offered: [{ ...ubuntu, id: "img-ubuntu.north" }] },
        ],
        records: [],
        keys: [],
      },
      /^Public image img-ubuntu .* isn't offered by region north/,
    ],
    [
      "more images than the quota there",
      source,
      region({ accounts: [account("web", { ...DEFAULT_QUOTAS, privateImages: 0 }), account("data")] }),
      /^Account web in region north has 1 private images, and a quota of 0/,
    ],
    [
      "more snapshots than the quota there",
      source,
      region({ accounts: [account("web", { ...DEFAULT_QUOTAS, snapshots: 1 }), account("data")] }),
      /^Account web in region north has 2 snapshots, and a quota of 1/,
    ],
    [
      "what is sealed under a disabled key",
      { ...source, keys: [{ ...key, disabled: true }] },
      empty,
      /^Volume sealed \(vol-1\) is sealed under master key key-aaaaaaaaaaaa, which is disabled\. Enable it/,
    ],
    [
      "what is sealed under a key that is to be deleted",
      { ...source, keys: [{ ...key, deletedAt: "2026-06-09T00:00:00.000Z" }] },
      empty,
      /which is to be deleted\. Take that back with images keys restore key-aaaaaaaaaaaa/,
    ],
    [
      "what is sealed under a key that is gone",
      { ...source, keys: [] },
      empty,
      /which is gone: nothing opens it/,
    ],
  ];
  for (const [what, from, to, expected] of refused) {
    it(`is refused for ${what}`, () => {
      const { refusals } = planCopy(from, to);
      const [first] = refusals.filter((refusal) => expected.test(refusal));
      expect(first, refusals.join("\n")).to.match(expected);
    });
  }
});

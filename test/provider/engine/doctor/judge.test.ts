import { expect } from "chai";
import { judge } from "../../../../provider/engine/doctor/judge";
import type { Examined } from "../../../../provider/engine/doctor/judge";
import { newImage, newInstance, newVolume } from "../catalog/records";

let sequence = 0;
const dated = <T>(record: T) => ({ ...record, createdAt: "2026-01-01T00:00:00Z", sequence: ++sequence });
const image = (...args: Parameters<typeof newImage>) => dated(newImage(...args));
const origin = (name: string, seen = false) => ({
  declaredBy: `urn:pulumi:dev::shop::images:PrivateImage::${name}`,
  creationToken: `token-${++sequence}`,
  seen,
});

type Given = Partial<Omit<Examined, "snapshot">> & { snapshot?: Partial<Examined["snapshot"]> };

function examined({ snapshot, ...given }: Given = {}): Examined {
  return {
    snapshot: { images: [], instances: [], volumes: [], shares: [], exports: [], ...snapshot },
    leftovers: { unfinished: [], discarded: [] },
    contents: [],
    missing: new Set(),
    keys: [],
    temporaryFiles: [],
    strays: [],
    ...given,
  };
}

const brief = (given: Given) =>
  judge(examined(given)).map(({ ailment, id, removal }) => `${ailment} ${id} ${removal}`);

const key = (id: string) => ({
  ...{ id, name: id, state: "disabled" as const, version: 1, isDefault: true },
  ...{ region: "local", account: "default", createdAt: "2026-01-01T00:00:00Z" },
});

describe("the doctor's judgement", () => {
  const cases: { says: string; given: Given; finds: string[] }[] = [
    {
      says: "nothing where every content has its record and every record its contents",
      given: {
        snapshot: {
          images: [image("img-1")],
          instances: [dated(newInstance("i-1"))],
          volumes: [dated(newVolume("vol-1"))],
        },
        contents: ["disk-of-img-1", "system-of-i-1", "data-of-i-1", "disk-of-vol-1"],
      },
      finds: [],
    },
    {
      says: "a content that no record names",
      given: { contents: ["disk-1"] },
      finds: ["orphanContent disk-1 safe"],
    },
    {
      says: "no layer that a record's content is based on, nor what a creation needs meanwhile",
      given: {
        snapshot: {
          images: [
            image("img-1", {
              deviceMappings: [
                { device: "/dev/vda", kind: "snapshot", id: "snap-2", size: 1, basedOn: ["snap-1"] },
              ],
            }),
            image("img-2", { status: "creating", deviceMappings: [], scratch: ["live-2"] }),
          ],
        },
        contents: ["snap-1", "snap-2", "live-2"],
      },
      finds: [],
    },
    {
      says: "a creation whose process has died, its contents with it",
      given: {
        leftovers: {
          unfinished: [
            { kind: "image", id: "img-1", name: "golden", region: "local", account: "a", disks: ["disk-1"] },
          ],
          discarded: [],
        },
        contents: ["disk-1"],
      },
      finds: ["deadCreation img-1 safe"],
    },
    {
      says: "a discarded content that still stands, and none that is gone",
      given: { leftovers: { unfinished: [], discarded: ["disk-1", "disk-2"] }, contents: ["disk-1"] },
      finds: ["discardedContent disk-1 safe"],
    },
    {
      says: "a temporary file",
      given: { temporaryFiles: ["/region/disks/.1-1-00000000-1.tmp"] },
      finds: ["temporaryFile /region/disks/.1-1-00000000-1.tmp safe"],
    },
    {
      says: "what the store holds for no content",
      given: { strays: ["s3://bucket/local/acme/0123"] },
      finds: ["stray s3://bucket/local/acme/0123 safe"],
    },
    {
      says: "a record whose content is missing, to remove nothing",
      given: { snapshot: { images: [image("img-1")] }, missing: new Set(["disk-of-img-1"]) },
      finds: ["missingContent img-1 none"],
    },
    {
      says: "nothing missing of what is being made, nor of what the operator keeps",
      given: {
        snapshot: {
          images: [
            image("img-1", { status: "creating" }),
            image("img-2", { visibility: "public", account: undefined }),
          ],
        },
        missing: new Set(["disk-of-img-1", "disk-of-img-2"]),
      },
      finds: [],
    },
    {
      says: "what is sealed under a key that is gone, and not what is sealed under a disabled one",
      given: {
        snapshot: {
          images: [image("img-1", { encrypted: true, kmsKeyId: "key-1" })],
          volumes: [dated(newVolume("vol-1", { encrypted: true, kmsKeyId: "key-2" }))],
        },
        contents: ["disk-of-img-1", "disk-of-vol-1"],
        keys: [key("key-1")],
      },
      finds: ["lostKey vol-1 none"],
    },
    {
      says: "a creation that no run has seen and its declaration has made anew",
      given: {
        snapshot: {
          images: [
            image("img-1", { origin: origin("golden") }),
            image("img-2", { origin: origin("golden") }),
          ],
        },
        contents: ["disk-of-img-1", "disk-of-img-2"],
      },
      finds: ["cutOffCreation img-1 asked"],
    },
    {
      says: "nothing cut off of what a run has seen, of another declaration's, or of another kind",
      given: {
        snapshot: {
          images: [
            image("img-1", { origin: origin("golden", true) }),
            image("img-2", { origin: origin("golden") }),
            image("img-3", { origin: origin("silver") }),
          ],
          volumes: [dated(newVolume("vol-1", { origin: origin("silver") }))],
        },
        contents: ["disk-of-img-1", "disk-of-img-2", "disk-of-img-3", "disk-of-vol-1"],
      },
      finds: [],
    },
  ];
  for (const { says, given, finds } of cases) {
    it(`finds ${says}`, () => expect(brief(given)).to.deep.equal(finds));
  }

  it("says how a cut-off creation is adopted, and where it belongs", () => {
    const images = [
      image("img-1", { name: "golden", origin: origin("golden") }),
      image("img-2", { origin: origin("golden") }),
    ];
    const [found] = judge(examined({ snapshot: { images }, contents: ["disk-of-img-1", "disk-of-img-2"] }));
    expect(found!.says).to.include('adoptId: "img-1"').and.include("Image golden (img-1)");
    expect(found!.record).to.deep.equal({
      kind: "image",
      name: "golden",
      region: "local",
      account: "default",
    });
  });
});

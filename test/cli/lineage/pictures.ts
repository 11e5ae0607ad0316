import type { LineagePicture } from "../../../cli/lineage/words";
import { lineageGraph } from "../../../provider/engine/lineage/graph";
import type { LineageRecords } from "../../../provider/engine/lineage/graph";
import type { ImageRecord, LineageStep, VolumeRecord } from "../../../provider/engine/model";
import type { QuotaUse } from "../../../provider/engine/engine";
import { newImage, newInstance, newShare, newVolume } from "../../provider/engine/catalog/records";

const PLACE = { region: "cn-north-1", account: "platform" };

export const QUOTAS: QuotaUse = {
  ...PLACE,
  privateImages: { used: 4, limit: 5 },
  snapshots: { used: 3, limit: 20 },
  acceptedShares: { used: 5, limit: 5 },
  membersPerImage: { limit: 5 },
};

const PUBLIC = "img-pub-centos-7-4";

/** Every kind of thing, deleted ones, one that was rebuilt with an image of itself, and names in other scripts. */
export function wholePicture(): LineagePicture {
  let sequence = 0;
  const dated = <T extends { name: string }>(record: T) => ({
    ...record,
    ...PLACE,
    createdAt: "2026-01-01T00:00:00Z",
    sequence: ++sequence,
  });
  const image = (id: string, name: string, given: Partial<ImageRecord> = {}) => ({
    ...dated(newImage(id, { name })),
    ...given,
  });
  const step = (type: LineageStep["type"], id: string, name?: string): LineageStep => ({ type, id, name });

  const root = step("image", PUBLIC, "CentOS 7.4 64-bit");
  const fromBuilder = [step("instance", "i-1", "builder"), root];
  const fromGolden = [step("image", "img-1", "golden"), ...fromBuilder];
  const fromCloud = [step("image", "img-2", "golden-cloud"), ...fromGolden];
  const long = "网页服务器-黄金镜像-二零二六年十一月版本";
  const disk = "/disks/vendor appliance <2>.vmdk";
  const records: LineageRecords = {
    images: [
      image(PUBLIC, "CentOS 7.4 64-bit", { account: undefined, visibility: "public", lineage: [] }),
      image("img-1", "golden", { lineage: fromBuilder, source: { type: "instance", id: "i-1" } }),
      image("img-2", "golden-cloud", {
        architectures: ["cloudDisk"],
        lineage: fromGolden,
        source: { type: "image", id: "img-1", conversion: true },
      }),
      image("img-3", "golden-sealed", {
        architectures: ["cloudDisk"],
        encrypted: true,
        lineage: fromCloud,
        source: { type: "image", id: "img-2" },
      }),
      image("img-4", long, {
        imageType: "data",
        status: "creating",
        lineage: [step("volume", "vol-1", "records"), step("file", disk)],
      }),
      image("img-5", "theirs", { account: "data", lineage: [step("instance", "i-9", "theirs-builder")] }),
    ],
    instances: [
      dated(newInstance("i-1", { name: "builder", lineage: [...fromGolden] })),
      dated(newInstance("i-2", { name: "web", architecture: "cloudDisk", lineage: fromCloud })),
      dated(
        newInstance("i-3", { name: "from-old", lineage: [step("image", "img-0", "old"), ...fromBuilder] }),
      ),
    ],
    volumes: [
      dated<Omit<VolumeRecord, "createdAt" | "sequence">>(
        newVolume("vol-1", { name: "records", lineage: [step("file", disk)] }),
      ),
    ],
    shares: [
      { ...newShare("shr-1", "img-2", "web", PLACE), createdAt: "", sequence: 100 },
      { ...newShare("shr-2", "img-2", "data", PLACE), createdAt: "", sequence: 101 },
      {
        ...newShare("shr-3", "img-5", "platform", { ...PLACE, account: "data" }),
        createdAt: "",
        sequence: 102,
      },
    ],
    exports: [
      dated({
        ...{ id: "exp-1", ...PLACE, name: "nightly", status: "active" as const, imageId: "img-2" },
        ...{ bucketUrl: "s3://backups/images", fileFormat: "qcow2" as const, objects: [] },
      }),
    ],
  };
  return { graph: lineageGraph(records, PLACE), quotas: QUOTAS };
}

/** One image of this name. */
export function pictureOf(name: string, quotas: Partial<QuotaUse> = {}): LineagePicture {
  const node = { key: "image:img-1", kind: "image" as const, id: "img-1", name, standing: "here" as const };
  return {
    graph: { ...PLACE, nodes: [{ ...node, imageType: "system", members: 2 }], edges: [] },
    quotas: { ...QUOTAS, ...quotas },
  };
}

export function emptyPicture(): LineagePicture {
  return { graph: { ...PLACE, nodes: [], edges: [] }, quotas: QUOTAS };
}

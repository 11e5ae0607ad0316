import type {
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  ShareRecord,
  VolumeRecord,
} from "../../../../provider/engine/model";

type New<T> = Omit<T, "createdAt" | "sequence">;

/** Records as the engine would insert them, with what a test cares for given. */
export function newImage(id: string, given: Partial<ImageRecord> = {}): New<ImageRecord> {
  const { architectures = ["localDisk"] } = given;
  const kind = architectures[0] === "localDisk" ? "imageFile" : "snapshot";
  return {
    id,
    region: "local",
    account: "default",
    name: id,
    visibility: "private",
    description: "",
    imageType: "system",
    architectures,
    status: "active",
    os: { osType: "linux", osName: "Ubuntu" },
    minDisk: 20,
    tags: { team: "build" },
    nicMultiqueue: false,
    sriovDriver: false,
    encrypted: false,
    deviceMappings: [{ device: "/dev/vda", kind, id: `disk-of-${id}`, size: 20 }],
    lineage: [{ type: "file", id: "disk.raw" }],
    source: { type: "file", id: "disk.raw" },
    ...given,
  };
}

export function newInstance(id: string, given: Partial<InstanceRecord> = {}): New<InstanceRecord> {
  return {
    id,
    region: "local",
    account: "default",
    name: id,
    status: "running",
    architecture: "localDisk",
    systemDisk: { id: `system-of-${id}`, device: "/dev/vda", size: 20 },
    dataDisks: [{ id: `data-of-${id}`, device: "/dev/vdb", size: 5 }],
    os: {},
    tags: {},
    encrypted: false,
    source: { type: "image", id: "img-pub-ubuntu-16-04" },
    lineage: [{ type: "image", id: "img-pub-ubuntu-16-04" }],
    ...given,
  };
}

export function newVolume(id: string, given: Partial<VolumeRecord> = {}): New<VolumeRecord> {
  return {
    id,
    region: "local",
    account: "default",
    name: id,
    status: "available",
    disk: { id: `disk-of-${id}`, device: "/dev/vdb", size: 10 },
    tags: {},
    encrypted: false,
    lineage: [],
    ...given,
  };
}

export function newShare(
  id: string,
  imageId: string,
  memberId: string,
  given: Partial<ShareRecord> = {},
): New<ShareRecord> {
  return { id, region: "local", imageId, account: "default", memberId, ...given };
}

export function newExport(id: string, imageId: string, given: Partial<ExportRecord> = {}): New<ExportRecord> {
  return {
    id,
    region: "local",
    account: "default",
    name: id,
    status: "active",
    imageId,
    bucketUrl: "s3://bucket/prefix",
    fileFormat: "qcow2",
    objects: [
      { device: "/dev/vda", name: `prefix/${id}-vda.qcow2`, sizeBytes: 196_616, checksum: "sha256:00" },
    ],
    ...given,
  };
}

import type {
  CatalogRecord,
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  ShareRecord,
  VolumeRecord,
} from "../engine/model";
import type { Properties } from "./lifecycle";

/** What a program sees of an image. */
export function imageOutputs(record: ImageRecord): Properties {
  return {
    ...common(record),
    description: record.description,
    architecture: record.architectures.length === 1 ? record.architectures[0] : undefined,
    imageType: record.imageType,
    ...record.os,
    minDisk: record.minDisk,
    minRam: record.minRam,
    maxRam: record.maxRam,
    nicMultiqueue: record.nicMultiqueue,
    sriovDriver: record.sriovDriver,
    kmsKeyId: record.kmsKeyId,
    quickProvisioning: record.quickProvisioning ?? false,
    deviceMappings: record.deviceMappings.map(({ device, kind, id, size }) => ({ device, kind, id, size })),
    sizeBytes: record.sizeBytes,
    checksum: record.checksum,
  };
}

/** An image that is made of another tells of which. */
export function childImageOutputs(record: ImageRecord): Properties {
  return { ...imageOutputs(record), imageId: imageOf(record) };
}

export function instanceOutputs(record: InstanceRecord): Properties {
  return {
    ...common(record),
    imageId: record.imageId,
    architecture: record.architecture,
    ...record.os,
    systemDisk: { type: record.architecture, size: record.systemDisk.size },
    dataDisks: record.dataDisks.filter(({ fromImage }) => !fromImage).map(({ size }) => ({ size })),
    devices: [record.systemDisk, ...record.dataDisks].map(({ device, size }) => ({ device, size })),
  };
}

export function volumeOutputs(record: VolumeRecord): Properties {
  return {
    ...common(record),
    imageId: imageOf(record),
    size: record.disk.size,
  };
}

export function shareOutputs(record: ShareRecord): Properties {
  return {
    imageId: record.imageId,
    memberId: record.memberId,
    region: record.region,
    account: record.account,
    createdAt: record.createdAt,
  };
}

export function exportOutputs(record: ExportRecord): Properties {
  return {
    name: record.name,
    region: record.region,
    account: record.account,
    status: record.status,
    imageId: record.imageId,
    fileFormat: record.fileFormat,
    objects: record.objects,
    drift: record.drift ?? [],
    createdAt: record.createdAt,
  };
}

function imageOf({ source }: ImageRecord | VolumeRecord): string | undefined {
  return source?.type === "image" ? source.id : undefined;
}

function common(
  record: CatalogRecord &
    Pick<VolumeRecord, "tags" | "encrypted" | "lineage"> & { account?: string; status: string },
): Properties {
  return {
    name: record.name,
    region: record.region,
    account: record.account,
    status: record.status,
    tags: record.tags,
    encrypted: record.encrypted,
    lineage: record.lineage,
    createdAt: record.createdAt,
  };
}

import type { CpuArchitecture, ImageRecord } from "../model";
import catalogue from "./public-images.json";

/** A public or marketplace image as the catalogue's data or the operator's file describes it. */
export interface OfferedImage {
  id: string;
  name: string;
  visibility: "public" | "marketplace";
  description?: string;
  osType?: string;
  osName?: string;
  osVersion?: string;
  cpuArchitecture?: CpuArchitecture;
  /** GiB. */
  minDisk: number;
  /** The raw disk file registered for it: absolute path and bytes. Without one its disk is a blank stand-in. */
  diskFile?: { path: string; bytes: number };
}

/** The public catalogue that ships with the package. */
export const PUBLIC_IMAGES: readonly OfferedImage[] = catalogue.images.map((image) => ({
  ...image,
  visibility: "public",
  cpuArchitecture: image.cpuArchitecture as CpuArchitecture,
}));

/** Key of an offered image's content in the disk store, which keeps no file of its own for it. */
export function offeredContentId(image: { id: string; visibility: string }): string {
  return `${image.visibility}:${image.id}`;
}

const GIB = 2 ** 30;

/** Offered images have no moment of creation within a catalogue: they come before everything. */
const ALWAYS = new Date(0).toISOString();

/** An offered image as a region's catalogue answers it; no catalogue stores it. */
export function offeredRecord(region: string, image: OfferedImage): ImageRecord {
  const size = Math.max(image.minDisk, Math.ceil((image.diskFile?.bytes ?? 0) / GIB));
  return {
    id: image.id,
    region,
    name: image.name,
    createdAt: ALWAYS,
    sequence: 0,
    visibility: image.visibility,
    description: image.description ?? "",
    imageType: "system",
    architectures: ["localDisk", "cloudDisk"],
    status: "active",
    os: {
      osType: image.osType,
      osName: image.osName,
      osVersion: image.osVersion,
      cpuArchitecture: image.cpuArchitecture,
    },
    minDisk: size,
    tags: {},
    nicMultiqueue: false,
    sriovDriver: false,
    encrypted: false,
    deviceMappings: [{ device: "/dev/vda", kind: "imageFile", id: offeredContentId(image), size }],
    lineage: [],
    standIn: image.diskFile === undefined,
  };
}

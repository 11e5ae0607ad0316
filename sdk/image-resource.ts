import type * as pulumi from "@pulumi/pulumi";
import type {
  Architecture,
  CpuArchitecture,
  DeviceMapping,
  ImageStatus,
  ImageType,
  LineageStep,
  OnDelete,
} from "./model";
import type { ReferenceArgument } from "./reference";
import { RegionResource, typeToken } from "./region-resource";
import type { RegionArgs } from "./region-resource";
import type { CreateTimeouts } from "./timeouts";

/** What the owner of an image may change in place. */
export interface ImageSettingsArgs extends RegionArgs {
  /** Default: the resource's name. */
  name?: pulumi.Input<string>;
  description?: pulumi.Input<string>;
  /** Smallest system disk of an instance of it, GiB; at least, and by default, its source's. */
  minDisk?: pulumi.Input<number>;
  /** Least memory of an instance of it, MiB. */
  minRam?: pulumi.Input<number>;
  /** Most memory of an instance of it, MiB; not less than `minRam`. */
  maxRam?: pulumi.Input<number>;
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The image's OS can use several queues of a network card. */
  nicMultiqueue?: pulumi.Input<boolean>;
  /** The image's OS has drivers for SR-IOV network cards. */
  sriovDriver?: pulumi.Input<boolean>;
  /**
   * The architecture that the program expects. It is inherited and can't be chosen: check fails where the source's is
   * another, and says which source it is inherited from.
   */
  architecture?: pulumi.Input<Architecture>;
  /**
   * Deleting an image with members fails (`"refuse"`, the default), cancels its shares first (`"unshare"`), or leaves
   * the image in place and only forgets it (`"retain"`). What was made from an image is never harmed.
   */
  onDelete?: pulumi.Input<OnDelete>;
  /** ID of an image that stands already: it is taken over instead of made. */
  adoptId?: pulumi.Input<string>;
  /** How long making it may take; default: the option `customTimeouts`, else no limit. */
  timeouts?: pulumi.Input<CreateTimeouts>;
}

export const IMAGE_OUTPUTS = [
  "name",
  "description",
  "region",
  "account",
  "architecture",
  "imageType",
  "status",
  "osType",
  "osName",
  "osVersion",
  "cpuArchitecture",
  "minDisk",
  "minRam",
  "maxRam",
  "tags",
  "nicMultiqueue",
  "sriovDriver",
  "encrypted",
  "kmsKeyId",
  "quickProvisioning",
  "deviceMappings",
  "lineage",
  "sizeBytes",
  "checksum",
  "createdAt",
] as const;

/** The argument that takes an image of a program. */
export const IMAGE_ARGUMENT: ReferenceArgument = {
  argument: "image",
  types: [typeToken("PrivateImage"), typeToken("ImageConversion"), typeToken("ImageReplica")],
};

/** What every image that an account owns shows, however it was made: `PrivateImage`, `ImageConversion`, `ImageReplica`. */
export abstract class ImageResource extends RegionResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string>;
  /** The owner. */
  declare readonly account: pulumi.Output<string>;
  /** Type of the system disk that it serves, inherited from its source. Known in the preview. */
  declare readonly architecture: pulumi.Output<Architecture>;
  declare readonly imageType: pulumi.Output<ImageType>;
  declare readonly status: pulumi.Output<ImageStatus>;
  /** `linux` or `windows`; undefined where the source doesn't tell. */
  declare readonly osType: pulumi.Output<string | undefined>;
  declare readonly osName: pulumi.Output<string | undefined>;
  declare readonly osVersion: pulumi.Output<string | undefined>;
  declare readonly cpuArchitecture: pulumi.Output<CpuArchitecture | undefined>;
  /** GiB. */
  declare readonly minDisk: pulumi.Output<number>;
  /** MiB. */
  declare readonly minRam: pulumi.Output<number | undefined>;
  /** MiB. */
  declare readonly maxRam: pulumi.Output<number | undefined>;
  declare readonly tags: pulumi.Output<Record<string, string>>;
  /** Its OS can use several queues of a network card. */
  declare readonly nicMultiqueue: pulumi.Output<boolean>;
  /** Its OS has drivers for SR-IOV network cards. */
  declare readonly sriovDriver: pulumi.Output<boolean>;
  /** Its content is sealed with a data key of its own. What is made of it is encrypted too; only a replica isn't. */
  declare readonly encrypted: pulumi.Output<boolean>;
  /** The master key that its data key is wrapped by; undefined where it isn't encrypted. */
  declare readonly kmsKeyId: pulumi.Output<string | undefined>;
  /** Instances of it are made at once, whatever its size. */
  declare readonly quickProvisioning: pulumi.Output<boolean>;
  /** Its devices: on localDisk `/dev/vda` is an image file, every other device a snapshot. Sizes in GiB. */
  declare readonly deviceMappings: pulumi.Output<DeviceMapping[]>;
  /** What it was made from: nearest first, the root (a public image, a disk file) last. */
  declare readonly lineage: pulumi.Output<LineageStep[]>;
  /** Bytes that its content takes on disk. */
  declare readonly sizeBytes: pulumi.Output<number | undefined>;
  /**
   * `sha256:<hex>` of its first device's whole content, holes read as zeros; of an encrypted one, of its sealed file.
   * Undefined where the content is stored as differences.
   */
  declare readonly checksum: pulumi.Output<string | undefined>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;
}

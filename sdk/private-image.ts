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
import type { Instance } from "./instance";
import type { Volume } from "./volume";
import { RegionResource, typeToken } from "./region-resource";
import type { RegionArgs } from "./region-resource";

/** What the owner of an image may change in place; on `ImageConversion` too. */
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
}

/** Exactly one source, unless an existing image is adopted. */
export interface PrivateImageArgs extends ImageSettingsArgs {
  /** The instance whose system disk becomes the image: the resource, or its ID. */
  instance?: Instance | pulumi.Input<string>;
  /** The same by ID. */
  instanceId?: pulumi.Input<string>;
  /** The volume that becomes a data image: the resource, or its ID. */
  volume?: Volume | pulumi.Input<string>;
  /** The same by ID. */
  volumeId?: pulumi.Input<string>;
  /** Kind of image; default `"system"` of an instance, `"data"` of a volume. */
  imageType?: pulumi.Input<ImageType>;
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
  "deviceMappings",
  "lineage",
  "sizeBytes",
  "checksum",
  "createdAt",
] as const;

/**
 * A private image of an account: made from an instance's system disk, and the base of further instances.
 *
 * It counts against the account's quota of private images (5 a region unless the operator sets another). Everything
 * but its settings (`ImageSettingsArgs`) replaces it: creations come first and deletions last, so a replacement needs
 * a further place, unless the option `deleteBeforeReplace` is set.
 */
export class PrivateImage extends RegionResource {
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
  declare readonly encrypted: pulumi.Output<boolean>;
  /** Its devices: on localDisk `/dev/vda` is an image file, every other device a snapshot. Sizes in GiB. */
  declare readonly deviceMappings: pulumi.Output<DeviceMapping[]>;
  /** What it was made from: nearest first, the root (a public image, a disk file) last. */
  declare readonly lineage: pulumi.Output<LineageStep[]>;
  /** Bytes that its content takes on disk. */
  declare readonly sizeBytes: pulumi.Output<number | undefined>;
  /** `sha256:<hex>` of its first device's whole content, holes read as zeros. */
  declare readonly checksum: pulumi.Output<string | undefined>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: PrivateImageArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "PrivateImage",
        references: [
          { argument: "instance", types: [typeToken("Instance")] },
          { argument: "volume", types: [typeToken("Volume")] },
        ],
        outputs: IMAGE_OUTPUTS,
      },
      name,
      args,
      opts,
    );
  }

  /** A private image that another program manages, by its ID. It fails where there is none that the account sees. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): PrivateImage {
    return new PrivateImage(name, {}, { ...opts, id });
  }
}

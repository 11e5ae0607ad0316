import type * as pulumi from "@pulumi/pulumi";
import type {
  Architecture,
  CpuArchitecture,
  DeviceMapping,
  ImageStatus,
  ImageType,
  LineageStep,
} from "./model";
import { IMAGE_OUTPUTS } from "./private-image";
import type { ImageSettingsArgs, PrivateImage } from "./private-image";
import { RegionResource, typeToken } from "./region-resource";

export interface ImageConversionArgs extends ImageSettingsArgs {
  /**
   * The localDisk image: the resource, or its ID. It must be private, the account's own, active, and not being
   * converted already; a member that it is shared with can't convert it.
   */
  image?: PrivateImage | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
}

/**
 * A new cloudDisk image with the content of a localDisk image, which stays as it was. There is no way back from
 * cloudDisk to localDisk.
 *
 * It counts against the account's quota of private images, and its devices against that of snapshots. Snapshots of
 * data disks are shared by both images: one is freed when its last image goes.
 */
export class ImageConversion extends RegionResource {
  /** The source. */
  declare readonly imageId: pulumi.Output<string | undefined>;
  declare readonly name: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string>;
  /** The owner. */
  declare readonly account: pulumi.Output<string>;
  /** Always `"cloudDisk"`. */
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
  /** Its devices, all snapshots. Sizes in GiB. */
  declare readonly deviceMappings: pulumi.Output<DeviceMapping[]>;
  /** What it was made from: its source first, the root last. */
  declare readonly lineage: pulumi.Output<LineageStep[]>;
  /** Bytes that its content takes on disk. */
  declare readonly sizeBytes: pulumi.Output<number | undefined>;
  /** `sha256:<hex>` of its first device's whole content, holes read as zeros. */
  declare readonly checksum: pulumi.Output<string | undefined>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: ImageConversionArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "ImageConversion",
        references: [{ argument: "image", types: [typeToken("PrivateImage"), typeToken("ImageConversion")] }],
        outputs: ["imageId", ...IMAGE_OUTPUTS],
      },
      name,
      args,
      opts,
    );
  }

  /** A converted image that another program manages, by its ID. It fails where there is none that the account sees. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    opts?: pulumi.CustomResourceOptions,
  ): ImageConversion {
    return new ImageConversion(name, {}, { ...opts, id });
  }
}

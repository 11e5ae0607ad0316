import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_ARGUMENT, IMAGE_OUTPUTS, ImageResource } from "./image-resource";
import type { ImageSettingsArgs } from "./image-resource";

export interface ImageConversionArgs extends ImageSettingsArgs {
  /**
   * The localDisk image: a `PrivateImage`, `ImageConversion` or `ImageReplica`, or its ID. It must be private, the account's own, active, and not being
   * converted already; a member that it is shared with can't convert it.
   */
  image?: ImageResource | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
}

/**
 * A new cloudDisk image with the content of a localDisk image, which stays as it was. There is no way back from
 * cloudDisk to localDisk.
 *
 * It counts against the account's quota of private images, and its devices against that of snapshots. Snapshots of
 * data disks are shared by both images: one is freed when its last image goes. Its `architecture` is always
 * `"cloudDisk"`, its devices are all snapshots, and its lineage begins with its source.
 */
export class ImageConversion extends ImageResource {
  /** The source. */
  declare readonly imageId: pulumi.Output<string | undefined>;

  constructor(name: string, args: ImageConversionArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "ImageConversion",
        references: [IMAGE_ARGUMENT],
        outputs: ["imageId", ...IMAGE_OUTPUTS],
        timeouts: ["create"],
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

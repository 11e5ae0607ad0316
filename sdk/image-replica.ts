import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_ARGUMENT, IMAGE_OUTPUTS, ImageResource } from "./image-resource";
import type { ImageSettingsArgs } from "./image-resource";

export interface ImageReplicaArgs extends ImageSettingsArgs {
  /**
   * The image to replicate: a `PrivateImage`, `ImageConversion` or `ImageReplica`, or its ID. It must be private, the
   * account's own, and active; a member that it is shared with can't replicate it.
   */
  image?: ImageResource | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
  /** Default: as its source is. `true` seals the content of an unencrypted image, `false` unseals that of an encrypted one. */
  encrypted?: pulumi.Input<boolean>;
  /**
   * Master key of an encrypted replica; default: the source's, else the account's default key. It must be the
   * account's, in the same region, and enabled, and so must the source's.
   */
  kmsKeyId?: pulumi.Input<string>;
  /**
   * Keeps its content ready for instances to start on: one is then made at once, whatever the size, and holds only what
   * differs from it. Not of an encrypted replica. Default: `false`.
   */
  quickProvisioning?: pulumi.Input<boolean>;
}

/**
 * A second private image with the content of another, in the same region: encrypted where that isn't, unencrypted where
 * it is, or prepared for quick provisioning. The source stays as it was, and either may be deleted first.
 *
 * It inherits its source's architecture, kind, devices and lineage, and counts against the account's quota of private
 * images, its devices against that of snapshots. `encrypted`, `kmsKeyId`, `quickProvisioning` and the source replace it;
 * its settings (`ImageSettingsArgs`) change in place. The settings of the source are not taken over.
 */
export class ImageReplica extends ImageResource {
  /** The source. */
  declare readonly imageId: pulumi.Output<string | undefined>;

  constructor(name: string, args: ImageReplicaArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "ImageReplica",
        references: [IMAGE_ARGUMENT],
        outputs: ["imageId", ...IMAGE_OUTPUTS],
        timeouts: ["create"],
      },
      name,
      args,
      opts,
    );
  }

  /** A replica that another program manages, by its ID. It fails where there is none that the account sees. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ImageReplica {
    return new ImageReplica(name, {}, { ...opts, id });
  }
}

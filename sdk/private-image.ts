import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_OUTPUTS, ImageResource } from "./image-resource";
import type { ImageSettingsArgs } from "./image-resource";
import type { Instance } from "./instance";
import type { ImageType } from "./model";
import { typeToken } from "./region-resource";
import type { Volume } from "./volume";

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

/**
 * A private image of an account: made from an instance's system disk, and the base of further instances.
 *
 * It counts against the account's quota of private images (5 a region unless the operator sets another). Everything
 * but its settings (`ImageSettingsArgs`) replaces it: creations come first and deletions last, so a replacement needs
 * a further place, unless the option `deleteBeforeReplace` is set.
 */
export class PrivateImage extends ImageResource {
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

import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_ARGUMENT } from "./image-resource";
import type { ImageResource } from "./image-resource";
import { RegionResource } from "./region-resource";
import type { RegionArgs } from "./region-resource";

export interface ImageShareArgs extends RegionArgs {
  /**
   * The account's own private image: a `PrivateImage`, `ImageConversion` or `ImageReplica`, or its ID. Encrypted and full
   * images can't be shared.
   */
  image?: ImageResource | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
  /** The account that the image is shared with: another one of the same region. */
  memberId: pulumi.Input<string>;
  /** ID of a share that stands already: it is taken over instead of made. */
  adoptId?: pulumi.Input<string>;
}

/**
 * One private image shared with one account, which sees it in its shared list of the same region and may make
 * instances (of a data image: volumes) from it, and nothing else.
 *
 * An image goes to at most 5 members, and an account takes at most 5 shared images in a region, unless the operator
 * sets other quotas. Every change replaces it. Deleting it takes the image out of the member's list at once;
 * instances made from it stay.
 */
export class ImageShare extends RegionResource {
  declare readonly imageId: pulumi.Output<string>;
  declare readonly memberId: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string>;
  /** The owner of the image. */
  declare readonly account: pulumi.Output<string>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: ImageShareArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "ImageShare",
        references: [IMAGE_ARGUMENT],
        outputs: ["imageId", "memberId", "region", "account", "createdAt"],
      },
      name,
      args,
      opts,
    );
  }

  /** A share that another program manages, by its ID. It fails where there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ImageShare {
    return new ImageShare(name, {} as ImageShareArgs, { ...opts, id });
  }
}

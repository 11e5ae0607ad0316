import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_ARGUMENT } from "./image-resource";
import type { ImageResource } from "./image-resource";
import type { LineageStep } from "./model";
import { RegionResource } from "./region-resource";
import type { RegionArgs } from "./region-resource";
import type { CreateTimeouts } from "./timeouts";

export interface VolumeArgs extends RegionArgs {
  /** Default: the resource's name. */
  name?: pulumi.Input<string>;
  /** GiB; needed for a blank volume, by default the data image's `minDisk`. */
  size?: pulumi.Input<number>;
  /** A data image: a `PrivateImage`, `ImageConversion` or `ImageReplica`, or its ID. Without one the volume is blank. */
  image?: ImageResource | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** ID of a volume that stands already: it is taken over instead of made. */
  adoptId?: pulumi.Input<string>;
  /** How long making it may take; default: the option `customTimeouts`, else no limit. */
  timeouts?: pulumi.Input<CreateTimeouts>;
}

/**
 * A data disk, blank or made from a data image; encrypted where the image is, with a data key of its own. In place change
 * the name and the tags; everything else replaces it.
 */
export class Volume extends RegionResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string>;
  declare readonly account: pulumi.Output<string>;
  /** GiB. */
  declare readonly size: pulumi.Output<number>;
  /** The data image that it was made from; undefined for a blank one. */
  declare readonly imageId: pulumi.Output<string | undefined>;
  declare readonly status: pulumi.Output<"creating" | "available">;
  declare readonly tags: pulumi.Output<Record<string, string>>;
  declare readonly encrypted: pulumi.Output<boolean>;
  /** What it was made from: nearest first, the root last; empty for a blank one. */
  declare readonly lineage: pulumi.Output<LineageStep[]>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: VolumeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "Volume",
        references: [IMAGE_ARGUMENT],
        outputs: [
          "name",
          "region",
          "account",
          "size",
          "imageId",
          "status",
          "tags",
          "encrypted",
          "lineage",
          "createdAt",
        ],
        timeouts: ["create"],
      },
      name,
      args,
      opts,
    );
  }

  /** A volume that another program manages, by its ID. It fails where there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Volume {
    return new Volume(name, {}, { ...opts, id });
  }
}

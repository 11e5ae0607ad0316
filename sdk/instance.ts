import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_ARGUMENT } from "./image-resource";
import type { ImageResource } from "./image-resource";
import type { Architecture, CpuArchitecture, LineageStep } from "./model";
import type { OsArgs } from "./os";
import { RegionResource } from "./region-resource";
import type { RegionArgs } from "./region-resource";
import type { Timeouts } from "./timeouts";

export interface SystemDiskArgs {
  /** Decides the instance's architecture: an image serves only the type of system disk that it was made from. */
  type: pulumi.Input<Architecture>;
  /** GiB; default: the image's `minDisk`, or the size of the disk file. */
  size?: pulumi.Input<number>;
}

export interface DataDiskArgs {
  /** GiB. */
  size: pulumi.Input<number>;
}

/** Exactly one source: an image or a disk file, unless an existing instance is adopted. */
export interface InstanceArgs extends RegionArgs {
  /** Default: the resource's name. */
  name?: pulumi.Input<string>;
  /**
   * A public, marketplace, private or shared image, of a system disk or full: a `PrivateImage`, `ImageConversion` or
   * `ImageReplica`, or its ID. Changing it rebuilds the instance in place: its system disk is written anew, its data disks
   * stay.
   */
  image?: ImageResource | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
  /** Path of a raw disk file, absolute or from the folder of `Pulumi.yaml`. */
  diskFile?: pulumi.Input<string>;
  /** Only with `diskFile`. */
  os?: pulumi.Input<OsArgs>;
  systemDisk: pulumi.Input<SystemDiskArgs>;
  /** Blank data disks: `/dev/vdb` and on, after those that a full image brings along. */
  dataDisks?: pulumi.Input<pulumi.Input<DataDiskArgs>[]>;
  /** The architecture that the program expects: check fails where the system disk's is another. */
  architecture?: pulumi.Input<Architecture>;
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** ID of an instance that stands already: it is taken over instead of made. */
  adoptId?: pulumi.Input<string>;
  /** How long making it, and rebuilding it (`update`), may take; default: the option `customTimeouts`, else no limit. */
  timeouts?: pulumi.Input<Timeouts>;
}

/**
 * A VM with its system disk and data disks.
 *
 * A localDisk image serves only instances with a local system disk, a cloudDisk image only those with a cloud system
 * disk; public and marketplace images serve both. An instance of a full image has all its disks. In place change: the image (a rebuild), the name, the tags.
 * Everything else replaces it. Deleting it never touches the image that it was made from.
 */
export class Instance extends RegionResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string>;
  declare readonly account: pulumi.Output<string>;
  /** The image that it was made from or last rebuilt with; undefined where it came from a disk file. */
  declare readonly imageId: pulumi.Output<string | undefined>;
  /** Type of its system disk. Known in the preview. */
  declare readonly architecture: pulumi.Output<Architecture>;
  declare readonly status: pulumi.Output<"creating" | "running">;
  /** `linux` or `windows`; undefined where the source doesn't tell. */
  declare readonly osType: pulumi.Output<string | undefined>;
  declare readonly osName: pulumi.Output<string | undefined>;
  declare readonly osVersion: pulumi.Output<string | undefined>;
  declare readonly cpuArchitecture: pulumi.Output<CpuArchitecture | undefined>;
  /** Size in GiB, the default resolved. */
  declare readonly systemDisk: pulumi.Output<{ type: Architecture; size: number }>;
  /** The data disks that the program states; `devices` has those of a full image too. Sizes in GiB. */
  declare readonly dataDisks: pulumi.Output<{ size: number }[]>;
  /** All its disks, the system disk first: `/dev/vda`, `/dev/vdb` and on. Sizes in GiB. */
  declare readonly devices: pulumi.Output<{ device: string; size: number }[]>;
  declare readonly tags: pulumi.Output<Record<string, string>>;
  /** Its disks are sealed with a data key of its own: so where its image is encrypted. */
  declare readonly encrypted: pulumi.Output<boolean>;
  /** What its system disk was made from: nearest first, the root last. */
  declare readonly lineage: pulumi.Output<LineageStep[]>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: InstanceArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "Instance",
        references: [IMAGE_ARGUMENT],
        outputs: [
          "name",
          "region",
          "account",
          "imageId",
          "architecture",
          "status",
          "osType",
          "osName",
          "osVersion",
          "cpuArchitecture",
          "systemDisk",
          "dataDisks",
          "devices",
          "tags",
          "encrypted",
          "lineage",
          "createdAt",
        ],
        timeouts: ["create", "update"],
      },
      name,
      args,
      opts,
    );
  }

  /** An instance that another program manages, by its ID. It fails where there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Instance {
    return new Instance(name, {} as InstanceArgs, { ...opts, id });
  }
}

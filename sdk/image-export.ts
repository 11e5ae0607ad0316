import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_ARGUMENT } from "./image-resource";
import type { ImageResource } from "./image-resource";
import type { ExportedObject, ExportFormat, ObjectDrift } from "./model";
import { RegionResource } from "./region-resource";
import type { RegionArgs } from "./region-resource";
import type { Timeouts } from "./timeouts";

export interface ImageExportArgs extends RegionArgs {
  /**
   * The image to export: a `PrivateImage`, `ImageConversion` or `ImageReplica`, or its ID. It must be private, the
   * account's own, and active. Encrypted and full images can't be exported.
   */
  image?: ImageResource | pulumi.Input<string>;
  /** The same by ID. */
  imageId?: pulumi.Input<string>;
  /**
   * Where to: `s3://bucket/prefix`, `file:///folder`, or the path of a folder, absolute or from the folder of
   * `Pulumi.yaml`.
   */
  bucketUrl: pulumi.Input<string>;
  /** Format of the objects; default `"qcow2"`. */
  fileFormat?: pulumi.Input<ExportFormat>;
  /** Start of the objects' names, `<name>-<device>.<extension>`; default: the image's name and ID. */
  name?: pulumi.Input<string>;
  /**
   * Deleting the export leaves its objects where they are, unless this is `true`: then exactly those go that it recorded,
   * where they are still what was recorded. Default: `false`.
   */
  deleteObjects?: pulumi.Input<boolean>;
  /** ID of an export that stands already: it is taken over instead of made. */
  adoptId?: pulumi.Input<string>;
  /** How long making it, and writing objects again that are gone (`update`), may take; default: the option `customTimeouts`, else no limit. */
  timeouts?: pulumi.Input<Timeouts>;
}

/**
 * The disks of one image written to a folder or an S3 bucket, an object each.
 *
 * Nothing that is there already is overwritten: an object of the same name with other bytes fails the export, the very
 * same bytes are taken for its own. Every change but that of `deleteObjects` replaces it. A refresh looks whether
 * the objects still are what was recorded, and `drift` names those that aren't.
 */
export class ImageExport extends RegionResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string>;
  /** The owner of the image. */
  declare readonly account: pulumi.Output<string>;
  declare readonly imageId: pulumi.Output<string>;
  declare readonly bucketUrl: pulumi.Output<string>;
  declare readonly fileFormat: pulumi.Output<ExportFormat>;
  declare readonly status: pulumi.Output<"creating" | "active">;
  /**
   * What was written, a disk each: name with prefix, bytes, and `sha256:<hex>` of them. After a refresh, those that are
   * still there as they were written.
   */
  declare readonly objects: pulumi.Output<ExportedObject[]>;
  /**
   * What the last refresh found to be other than recorded, an object each, `gone` or `changed`; empty where all is as it
   * was written. The next `up` writes again what is gone, and leaves alone what others have changed.
   */
  declare readonly drift: pulumi.Output<ObjectDrift[]>;
  /** RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;

  constructor(name: string, args: ImageExportArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      {
        kind: "ImageExport",
        references: [IMAGE_ARGUMENT],
        outputs: [
          "name",
          "region",
          "account",
          "imageId",
          "bucketUrl",
          "fileFormat",
          "status",
          "objects",
          "drift",
          "createdAt",
        ],
        timeouts: ["create", "update"],
      },
      name,
      args,
      opts,
    );
  }

  /** An export that another program manages, by its ID. It fails where there is none. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ImageExport {
    return new ImageExport(name, {} as ImageExportArgs, { ...opts, id });
  }
}

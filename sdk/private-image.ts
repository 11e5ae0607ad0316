import type * as pulumi from "@pulumi/pulumi";
import { IMAGE_OUTPUTS, ImageResource } from "./image-resource";
import type { ImageSettingsArgs } from "./image-resource";
import type { Instance } from "./instance";
import type { DiskFormat, ImageType } from "./model";
import type { OsArgs } from "./os";
import { typeToken } from "./region-resource";
import type { Volume } from "./volume";

/** Exactly one source, an instance, a volume or a disk file, unless an existing image is adopted. */
export interface PrivateImageArgs extends ImageSettingsArgs {
  /** The instance that becomes the image: the resource, or its ID. */
  instance?: Instance | pulumi.Input<string>;
  /** The same by ID. */
  instanceId?: pulumi.Input<string>;
  /** The volume that becomes the image: the resource, or its ID. */
  volume?: Volume | pulumi.Input<string>;
  /** The same by ID. */
  volumeId?: pulumi.Input<string>;
  /**
   * Path of a disk file, absolute or from the folder of `Pulumi.yaml`. It is read once, when the image is made: another
   * path replaces the image, another content under the same path changes nothing.
   */
  imageFile?: pulumi.Input<string>;
  /**
   * What `imageFile` is; default `"raw"`. It is held against the file and never guessed. Refused are a file of another
   * format, one that is damaged or cut short, and one that reaches for anything outside itself, such as a backing file.
   */
  fileFormat?: pulumi.Input<DiskFormat>;
  /**
   * - `"system"`, the default of an instance or file: a system disk, which makes instances. Of a volume too, where that
   *   holds a system.
   * - `"data"`, the default of a volume: a data disk, which makes volumes. Of an instance's `device` or a file too.
   * - `"full"`: the system disk and all data disks of an instance, which makes instances with all of them. Stored as
   *   differences, so that the second one of an instance takes the room of what has changed. Not of an encrypted instance.
   */
  imageType?: pulumi.Input<ImageType>;
  /** The instance's data disk that a data image is made of: `"/dev/vdb"` and on (`devices` of an instance lists them). */
  device?: pulumi.Input<string>;
  /** What runs on a file, or on a volume that holds a system. Refused where the source tells it by itself. */
  os?: pulumi.Input<OsArgs>;
  /**
   * Seals the content of a file. Other images are as their source is: what is made of something encrypted is encrypted,
   * and only an `ImageReplica` changes that.
   */
  encrypted?: pulumi.Input<boolean>;
  /**
   * Master key of an encrypted image; default: the source's, else the account's default key. It must be the account's, in
   * the same region, and enabled, and so must the source's.
   */
  kmsKeyId?: pulumi.Input<string>;
}

/**
 * A private image of an account: made of an instance, a volume or a disk file, and what further instances and volumes
 * are made from.
 *
 * It counts against the account's quota of private images (5 a region unless the operator sets another), and its snapshots
 * against that of snapshots. Everything but its settings (`ImageSettingsArgs`) replaces it: creations come first and
 * deletions last, so a replacement needs a further place, unless the option `deleteBeforeReplace` is set.
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
        timeouts: ["create"],
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

import type { Architecture, DeviceMapping, ImageType, OsFacts } from "../model";
import { isKnown, UNKNOWN } from "../requests";
import type { ImageRequest, Maybe } from "../requests";
import type { Scope } from "../scope";
import type { Role } from "./recipe";
import { FIRST_DATA_DEVICE, kindOf, SYSTEM_DEVICE } from "./devices";
import { frozenOn } from "./full-images";
import { contentsOfSource } from "./image-contents";
import type { Contents } from "./image-contents";
import { inheritedFromUnknown } from "./image-draft";
import type { Inherited } from "./image-draft";
import * as sources from "./image-sources";
import type { HeldDisk, ImageSource } from "./image-sources";
import type { Run } from "./run";
import { masterKeyOf } from "./sealing";

/** What a new image has from its source, and the contents that it is filled from. */
export async function inheritedFrom(
  run: Run,
  request: ImageRequest,
  source: ImageSource | undefined,
  scope: Scope,
  role: Role<"image">,
): Promise<{ inherited: Inherited; contents?: Contents }> {
  const imageType = sources.imageTypeOf(request, source);
  if (!source) return { inherited: inheritedFromUnknown({ imageType }) };
  const architecture = architectureOf(source, imageType);
  const held = sources.heldDisks(source, imageType, request.device);
  const encrypted = encryptedOf(request, source);
  const sealing = source.type === "file" ? undefined : source.reached.record;
  return {
    inherited: {
      fields: {
        architectures: isKnown(architecture) ? [architecture] : UNKNOWN,
        imageType,
        os: osOf(request, source, imageType),
        encrypted,
        kmsKeyId: await masterKeyOf(run, encrypted, request.kmsKeyId, sealing, scope),
        deviceMappings: mappings(source, imageType, architecture, held, role),
        lineage: sources.lineageOf(source),
        source: sources.recordedSource(source, request),
        scratch: scratchOf(source, imageType, held, role),
      },
      size: isKnown(held) ? (held[0]?.size ?? UNKNOWN) : UNKNOWN,
    },
    contents: isKnown(held) ? contentsOfSource(source, held) : undefined,
  };
}

/** An instance's own; volumes and data images are cloud disks, and a file's system begins on a local one. */
function architectureOf(source: ImageSource, imageType: Maybe<ImageType>): Maybe<Architecture> {
  if (source.type === "instance") return source.reached.record?.architecture ?? UNKNOWN;
  if (source.type === "volume" || imageType === "data") return "cloudDisk";
  return isKnown(imageType) ? "localDisk" : UNKNOWN;
}

function encryptedOf({ encrypted = false }: ImageRequest, source: ImageSource): Maybe<boolean> {
  return source.type === "file" ? encrypted : (source.reached.record?.encrypted ?? UNKNOWN);
}

/** A data disk has none; a volume or file with a system tells none itself. */
function osOf(request: ImageRequest, source: ImageSource, imageType: Maybe<ImageType>): Maybe<OsFacts> {
  if (!isKnown(imageType)) return UNKNOWN;
  if (imageType === "data") return {};
  if (source.type !== "instance") return request.os ?? {};
  return source.reached.record?.os ?? UNKNOWN;
}

function mappings(
  source: ImageSource,
  imageType: Maybe<ImageType>,
  architecture: Maybe<Architecture>,
  held: Maybe<HeldDisk[]>,
  role: Role<"image">,
): Maybe<DeviceMapping[]> {
  if (!isKnown(architecture)) return UNKNOWN;
  const known = isKnown(held) ? held : foreseen(imageType);
  if (!isKnown(known)) return UNKNOWN;
  return known.map((disk) => {
    const { device, size } = disk;
    const kind = kindOf(architecture, device);
    const basedOn = imageType === "full" ? frozenOn(disk) : undefined;
    const id = role.contentId(kind === "imageFile" ? "file" : "snap");
    return { device, kind, id, size, ...(basedOn ? { basedOn } : {}) };
  });
}

/** An image of one disk takes its place, of whatever size the disk will be. */
function foreseen(imageType: Maybe<ImageType>): Maybe<HeldDisk[]> {
  if (!isKnown(imageType) || imageType === "full") return UNKNOWN;
  return [{ device: imageType === "data" ? FIRST_DATA_DEVICE : SYSTEM_DEVICE, size: 0 }];
}

/** What is copied or frozen, so that it stays until it is; before it, for a full image, the instance's next disks. */
function scratchOf(
  source: ImageSource,
  imageType: Maybe<ImageType>,
  held: Maybe<HeldDisk[]>,
  role: Role<"image">,
): string[] | undefined {
  if (source.type === "file" || !isKnown(held)) return undefined;
  const next = imageType === "full" ? held.map(() => role.contentId("disk")) : [];
  return [...next, ...held.flatMap(({ id, basedOn = [] }) => (id === undefined ? [] : [id, ...basedOn]))];
}

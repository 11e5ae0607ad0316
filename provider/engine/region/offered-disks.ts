import { createHash } from "node:crypto";
import { fileChecksum } from "../exports/file-checksum";
import type { ImageRecord } from "../model";
import type { TeamFileSettings } from "./team-file";

/** A disk file registered for an offered image, and the content of the bucket that it is to be. */
export interface OfferedDisk {
  imageId: string;
  region: string;
  contentId: string;
  path: string;
}

/** The file's offered images as a team's region has them: a registered disk is a content of its own, named by its bytes. */
export async function offeredInBucket(
  file: TeamFileSettings,
): Promise<{ offered: ImageRecord[]; disks: OfferedDisk[] }> {
  const disks: OfferedDisk[] = [];
  const offered: ImageRecord[] = [];
  for (const image of file.offeredImages) {
    const mapping = image.deviceMappings[0]!;
    const path = file.external(mapping.id)?.path;
    if (path === undefined) {
      offered.push(image);
      continue;
    }
    const contentId = contentOf(image.id, await fileChecksum(path));
    disks.push({ imageId: image.id, region: image.region, contentId, path });
    offered.push({ ...image, deviceMappings: [{ ...mapping, id: contentId }] });
  }
  return { offered, disks };
}

function contentOf(imageId: string, checksum: string): string {
  return `offered-${createHash("sha256").update(`${imageId} ${checksum}`).digest("hex").slice(0, 32)}`;
}

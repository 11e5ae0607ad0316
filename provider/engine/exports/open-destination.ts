import type { Destination } from "./destination";
import { FolderDestination } from "./folder-destination";
import type { Location } from "./location";
import { S3Destination } from "./s3-destination";

export function openDestination(location: Location): Destination {
  return location.kind === "folder"
    ? new FolderDestination(location.folder)
    : new S3Destination(location.bucket);
}

import { parseLocation } from "../../exports/location";
import { Fault } from "../../violation";

/** The bucket and prefix of a region's disks, from the URL that its operator applied. */
export function bucketOf(disks: string): { bucket: string; prefix: string } {
  const location = parseLocation(disks);
  if ("wrong" in location || location.kind !== "s3") {
    throw new Fault("Opening the region", { says: `its disks are in no bucket: ${disks}` });
  }
  const { bucket, prefix } = location;
  return { bucket, prefix };
}

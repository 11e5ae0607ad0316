import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Where an export goes: a bucket under a prefix ("" or "a/b"), or a folder. */
export type Location = { kind: "s3"; bucket: string; prefix: string } | { kind: "folder"; folder: string };

const S3 = "s3://";
/** What every S3 server takes for a bucket's name. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
/** A key has at most 1,024 bytes; the object's own name takes its part of them. */
const PREFIX_BYTES = 512;

/** Reads `s3://bucket/prefix`, `file:///folder` or an absolute path. `wrong`: why it is none of them, without quoting it. */
export function parseLocation(bucketUrl: string): Location | { wrong: string } {
  if (bucketUrl.startsWith(S3)) return parseBucket(bucketUrl.slice(S3.length));
  if (/^file:/i.test(bucketUrl)) {
    try {
      return { kind: "folder", folder: resolve(fileURLToPath(bucketUrl)) };
    } catch {
      return { wrong: "a file: URL names a folder of this machine by its absolute path" };
    }
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(bucketUrl)?.[1];
  if (scheme !== undefined) return { wrong: `exports don't go to ${scheme}: URLs` };
  if (bucketUrl === "") return { wrong: "it is empty" };
  if (!isAbsolute(bucketUrl)) return { wrong: "the path isn't absolute" };
  return { kind: "folder", folder: resolve(bucketUrl) };
}

/** One spelling for each place. */
export function urlOf(location: Location): string {
  if (location.kind === "folder") return pathToFileURL(location.folder).href;
  const { bucket, prefix } = location;
  return S3 + (prefix === "" ? bucket : `${bucket}/${prefix}`);
}

/** What an object is called there. */
export function nameAt(location: Location, object: string): string {
  return location.kind === "s3" && location.prefix !== "" ? `${location.prefix}/${object}` : object;
}

function parseBucket(rest: string): Location | { wrong: string } {
  if (/[?#]/.test(rest)) return { wrong: "it holds a query or a fragment" };
  const [bucket = "", ...segments] = rest.split("/");
  if (bucket.includes("@")) {
    return { wrong: "it holds a user or password; credentials come from the environment or a profile" };
  }
  if (!BUCKET.test(bucket) || bucket.includes("..") || IP_ADDRESS.test(bucket)) {
    return {
      wrong: `${JSON.stringify(bucket)} can't be a bucket's name: 3 to 63 of a-z 0-9 . -, a letter or digit at either end`,
    };
  }
  if (segments.at(-1) === "") segments.pop();
  if (segments.some((segment) => ["", ".", ".."].includes(segment))) {
    return { wrong: "a part of the prefix is empty, . or .." };
  }
  const prefix = segments.join("/");
  if (Buffer.byteLength(prefix) > PREFIX_BYTES) {
    return { wrong: `the prefix has more than ${PREFIX_BYTES} bytes` };
  }
  return { kind: "s3", bucket, prefix };
}

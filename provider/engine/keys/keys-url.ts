import { fileURLToPath } from "node:url";
import { ViolationError } from "../violation";
import { parsePkcs11Uri } from "./pkcs11/pkcs11-uri";
import type { Pkcs11Uri } from "./pkcs11/pkcs11-uri";

/** Where a region's master keys are. */
export type KeysLocation =
  | { kind: "folder"; folder: string }
  | { kind: "pkcs11"; uri: Pkcs11Uri }
  /** `region`: default that of the AWS SDK's chain. */
  | { kind: "awskms"; region?: string; aliasPrefix: string };

const FORMS =
  "Give folder:///path, pkcs11:token=…?module-path=…, awskms: (the region of AWS_REGION), awskms:REGION, or awskms:REGION/alias/PREFIX.";
const ALIAS_PREFIX = "alias/images";
const AWS_KMS =
  /^awskms:(?:(?<region>[a-z]{2}(?:-[a-z]+)+-\d)(?:$|\/(?=alias)))?(?<alias>alias\/(?!aws\/)[\w/-]{1,200})?$/i;

/** What `keys:` of region.yaml says. Throws ViolationError. */
export function parseKeysUrl(url: string): KeysLocation {
  const scheme = /^(?<scheme>[a-z0-9]+):/i.exec(url)?.groups?.scheme?.toLowerCase();
  if (scheme === "pkcs11") return { kind: "pkcs11", uri: parsePkcs11Uri(url) };
  if (scheme === "folder") return { kind: "folder", folder: folderOf(url) };
  if (scheme === "awskms") return { kind: "awskms", ...awsPlaceOf(url) };
  throw refused(`The keys can't be at ${scheme === undefined ? "what isn't a URL" : `${scheme}:`}. ${FORMS}`);
}

function folderOf(url: string): string {
  try {
    const { host, search, hash } = new URL(url);
    if (/^folder:\/\//i.test(url) && host === "" && search === "" && hash === "")
      return fileURLToPath(url.replace(/^folder:/i, "file:"));
  } catch {
    // Refused below.
  }
  throw refused("The folder of the keys must be a whole path: folder:///srv/images/keys.");
}

function awsPlaceOf(url: string): { region?: string; aliasPrefix: string } {
  const parts = AWS_KMS.exec(url)?.groups;
  if (parts) return { region: parts.region, aliasPrefix: parts.alias ?? ALIAS_PREFIX };
  throw refused(
    `${url} isn't a place in AWS KMS. Give awskms:, awskms:eu-central-1, or awskms:eu-central-1/alias/PREFIX: ` +
      "a prefix of A-Z a-z 0-9 / _ -, not alias/aws/.",
  );
}

function refused(reason: string): ViolationError {
  return new ViolationError([{ property: "keys", reason }]);
}

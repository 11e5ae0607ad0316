import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileError, UserError } from "../user-error";
import { ASSET, isMarked, SIGNATURE, type PropertyMap, type PropertyValue } from "./property-value";
import { isObject, some } from "./properties";

/**
 * Adds to each asset the sha256 of its content, by which it is compared from then on.
 *
 * @throws UserError for an asset that is neither a text nor a readable file.
 */
export function withAssetHashes(properties: PropertyMap, programDir: string): PropertyMap {
  if (!some(properties, (it) => isMarked(it, ASSET))) return properties;
  return hashInside(properties, programDir) as PropertyMap;
}

function hashInside(value: PropertyValue, programDir: string): PropertyValue {
  if (Array.isArray(value)) return value.map((item) => hashInside(item, programDir));
  if (!isObject(value)) return value;
  if (isMarked(value, ASSET)) return withHash(value, programDir);
  return Object.fromEntries(
    Object.entries(value as PropertyMap).map(([key, item]): [string, PropertyValue] => [
      key,
      hashInside(item, programDir),
    ]),
  );
}

/** Without what the SDK's own class of assets has besides. */
function withHash(asset: PropertyMap, programDir: string): PropertyMap {
  const { [SIGNATURE]: mark, text, path } = asset;
  const hash = sha256(content(asset, programDir));
  return {
    [SIGNATURE]: mark!,
    hash,
    ...(text !== undefined && { text }),
    ...(path !== undefined && { path }),
  };
}

function content(asset: PropertyMap, programDir: string): string | Buffer {
  if (typeof asset["text"] === "string") return asset["text"];
  if (typeof asset["path"] === "string") {
    const file = path.resolve(programDir, asset["path"]);
    try {
      return readFileSync(file);
    } catch (cause) {
      throw fileError(`Reading the asset ${file}`, cause);
    }
  }
  throw new UserError(
    "assets from a URL aren't supported: the Pulumi CLI on the same state is the way to it",
  );
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

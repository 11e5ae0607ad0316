import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Violation } from "../engine/violation";
import { unknownName } from "./schema";

/** What a stack's configuration says of this package. */
export interface Configuration {
  region?: string;
  account?: string;
  endpoint?: string;
}

const PREFIX = "images:";
const KEYS = ["region", "account", "endpoint"] as const;
const DEFAULT_ENDPOINT = ".images";

/** Reads `images:…` out of a stack's whole configuration, whose keys are full. */
export function readConfiguration(config: { readonly [key: string]: unknown }): {
  configuration: Configuration;
  violations: Violation[];
} {
  const configuration: Configuration = {};
  const violations: Violation[] = [];
  for (const [fullKey, value] of Object.entries(config)) {
    if (!fullKey.startsWith(PREFIX)) continue;
    const key = PREFIX + fullKey.slice(PREFIX.length).replace(/^config:/, "");
    const known = KEYS.find((candidate) => PREFIX + candidate === key);
    if (!known) {
      const keys = KEYS.map((candidate) => PREFIX + candidate);
      const unknown = unknownName("The configuration", "key", key, keys);
      violations.push({ property: key, reason: `${unknown} Remove it with: config rm ${key}` });
    } else if (typeof value !== "string" || value.trim() === "") {
      violations.push({ property: key, reason: "It must be a text that isn't empty." });
    } else if (known === "endpoint" && isMistypedUrl(value)) {
      // What it is stays unsaid: there may be a password in it.
      const reason =
        "It would be the path of a folder, and looks like a database's URL. Write it as " +
        "postgres://LOGIN@HOST:5432/DATABASE, or the folder as ./FOLDER.";
      violations.push({ property: key, reason });
    } else {
      configuration[known] = value;
    }
  }
  return { configuration, violations };
}

/** The folder of the `Pulumi.yaml` at or above a folder, where relative paths start; the folder itself where there is none. */
export function projectFolder(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((file) => existsSync(join(folder, file)))) {
      return folder;
    }
    if (folder === dirname(folder)) return resolve(from);
  }
}

/** The region's place: a URL as it is, a path absolute. */
export function endpointOf({ endpoint = DEFAULT_ENDPOINT }: Configuration, folder: string): string {
  return isPath(endpoint) ? resolve(folder, endpoint) : endpoint;
}

export function isPath(endpoint: string): boolean {
  return !/^[a-z][a-z0-9+.-]+:/i.test(endpoint);
}

/** `postgres//login@host/…`, `login@host/…`: it would silently be another region, in a folder of that name. */
function isMistypedUrl(endpoint: string): boolean {
  return !endpoint.includes("://") && /^(postgres(ql)?\/\/|[^/.][^/]*@[^/]+\/)/i.test(endpoint);
}

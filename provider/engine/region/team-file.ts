import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseAddress } from "../catalog/postgres/address";
import { parseLocation, urlOf } from "../exports/location";
import { parseKeysUrl } from "../keys/keys-url";
import { Fault, ViolationError } from "../violation";
import { parseRegionFile, TEAM_KEYS } from "./region-file";
import type { RegionProblems } from "./region-problems";
import type { RegionFileSettings, RegionInFile } from "./region-settings";

/** Where a team's region keeps what it has. */
export interface TeamPlaces {
  /** URL of the database; it may hold a password. */
  catalog: string;
  /** `s3://bucket/prefix`, in one spelling. */
  disks: string;
  keys: string;
}

export interface TeamFileSettings extends RegionFileSettings, TeamPlaces {}

/** Reads the file of a team's region, which stands anywhere. Throws as `readRegionFile` does, and where it is of no team's. */
export async function readTeamFile(path: string): Promise<TeamFileSettings> {
  const file = resolve(path);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Fault(`Reading the operator's file ${file}`, { cause: error });
  });
  let places: TeamPlaces | undefined;
  const settings = await parseRegionFile(file, text, (documents, problems) => {
    places = teamPlaces(documents, problems);
  });
  return { ...settings, ...places! };
}

/** The places that the first document names. What is missing or wrong goes to `problems`; call `throwIfAny` before using the result. */
function teamPlaces(documents: readonly RegionInFile[], problems: RegionProblems): TeamPlaces {
  const [first, ...others] = documents;
  for (const { document, content } of others) {
    for (const key of TEAM_KEYS.filter((key) => content[key] != null)) {
      problems.add(document, [], `${key} stands in the first document, for all of them`, key);
    }
  }
  const { document, content } = first!;
  const placed = { catalog: "", disks: "", keys: "" };
  for (const key of TEAM_KEYS) {
    const value = content[key];
    if (value == null) problems.add(document, [], `${key} is missing: ${FORMS[key]}`);
    else {
      const judged = judge(key, value);
      if ("wrong" in judged) problems.add(document, [key], judged.wrong.replace(/\.$/, ""));
      else placed[key] = judged.url;
    }
  }
  return placed;
}

const FORMS = {
  catalog: "the region's database, postgres://LOGIN@HOST:5432/DATABASE",
  disks: "the bucket of its disks, s3://BUCKET/PREFIX",
  keys: "where its master keys are, folder:///PATH, pkcs11:… or awskms:…",
};

function judge(key: (typeof TEAM_KEYS)[number], url: string): { url: string } | { wrong: string } {
  if (key === "disks") {
    const location = parseLocation(url);
    if ("wrong" in location) return { wrong: `must be s3://BUCKET/PREFIX: ${location.wrong}` };
    return location.kind === "s3" ? { url: urlOf(location) } : { wrong: "must be s3://BUCKET/PREFIX" };
  }
  try {
    if (key === "catalog") parseAddress(url);
    else parseKeysUrl(url);
    return { url };
  } catch (error) {
    if (!ViolationError.is(error)) throw error;
    return { wrong: error.violations.map(({ reason }) => reason).join(" ") };
  }
}

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import Ajv, { type ErrorObject } from "ajv";
import { LineCounter, parseAllDocuments, type Document } from "yaml";
import { OWN_SCHEMA } from "../own-schema";
import { Fault } from "../violation";
import { REGION_DOCUMENT, type RegionDocument } from "./region-file-schema";
import { RegionProblems, type Path } from "./region-problems";
import { settingsOf, type RegionFileSettings, type RegionInFile } from "./region-settings";

export const REGION_FILE = "region.yaml";

/**
 * Reads the operator's file of an endpoint's folder; where there is none, the settings of one region `local` with
 * one account `default`. Throws one ViolationError with all that is wrong in it, each with file and line.
 */
export async function readRegionFile(folder: string): Promise<RegionFileSettings> {
  const file = join(folder, REGION_FILE);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw new Fault(`Reading the operator's file ${file}`, { cause: error });
  });
  return parseRegionFile(file, text, refuseTeamKeys);
}

/** Looks at what only the whole file says. */
type Judge = (documents: readonly RegionInFile[], problems: RegionProblems) => void;

export async function parseRegionFile(file: string, text: string, judge: Judge): Promise<RegionFileSettings> {
  const lineCounter = new LineCounter();
  const problems = new RegionProblems(file, lineCounter);
  const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false });
  const documents: Document[] = Array.isArray(parsed) ? parsed : [];
  const regions = documents.flatMap((document) => {
    const content = contentOf(document, problems);
    return content ? [{ document, content }] : [];
  });
  if (regions.length === 0) regions.push({ document: parseEmpty(), content: {} });
  problems.throwIfAny();
  judge(regions, problems);
  const settings = await settingsOf(regions, dirname(file), problems);
  problems.throwIfAny();
  return settings;
}

/** Of the first document of a team's file. */
export const TEAM_KEYS = ["catalog", "disks", "keys"] as const;

/** The folder of an embedded region holds the file of no team's. */
function refuseTeamKeys(documents: readonly RegionInFile[], problems: RegionProblems): void {
  for (const { document, content } of documents) {
    for (const key of TEAM_KEYS) {
      if (content[key] == null) continue;
      const reason = "is of a team's region, and this file is in the folder of an embedded one";
      problems.add(document, [], `${key} ${reason}: images region apply sets a team's up from it`, key);
    }
    for (const [index, { role }] of (content.accounts ?? []).entries()) {
      if (role == null) continue;
      const reason = "role is of a team's region: an embedded one has no database roles";
      problems.add(document, ["accounts", index], reason, "role");
    }
  }
}

/** The document's content where it is valid; an empty document is no region. */
function contentOf(document: Document, problems: RegionProblems): RegionDocument | undefined {
  const wrong = [...document.errors, ...document.warnings];
  for (const { pos, message } of wrong) problems.addAt(pos[0], message.replace(/\.$/, ""));
  if (wrong.length > 0) return undefined;
  const content: unknown = document.toJS();
  if (content === null) return undefined;
  const validate = compiled();
  if (validate(content)) return content;
  for (const error of validate.errors ?? []) {
    const { reason, key } = word(error);
    problems.add(document, pathOf(error), reason, key);
  }
  return undefined;
}

let validator: ReturnType<typeof compile> | undefined;

function compiled() {
  return (validator ??= compile());
}

function compile() {
  return new Ajv({ allErrors: true, verbose: true, ...OWN_SCHEMA }).compile(REGION_DOCUMENT);
}

function pathOf(error: ErrorObject): Path {
  const steps = error.instancePath.split("/").slice(1);
  return steps.map((step) =>
    /^\d+$/.test(step) ? Number(step) : step.replace(/~1/g, "/").replace(/~0/g, "~"),
  );
}

function word(error: ErrorObject): { reason: string; key?: string } {
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties ?? {}) as object).join(", ");
      return { key, reason: `there is no key ${JSON.stringify(key)} here. Known are: ${known}` };
    }
    case "required":
      return { reason: `${String(error.params.missingProperty)} is missing` };
    case "enum": {
      const allowed = (error.params.allowedValues as unknown[]).filter((value) => value !== null);
      return { reason: `must be one of ${allowed.join(", ")}` };
    }
    case "type": {
      const types = ([] as string[]).concat(error.params.type as string | string[]);
      return { reason: `must be of type ${types.filter((type) => type !== "null").join(" or ")}` };
    }
    case "pattern":
      return {
        reason: PATTERNS[error.instancePath.split("/").at(-1)!] ?? NAME_PATTERN,
      };
    case "minItems":
      return { reason: "must have at least one entry; leave the key out for the default" };
    default:
      return { reason: error.message ?? "isn't valid" };
  }
}

const NAME_PATTERN = "must be 1 to 63 of A-Z a-z 0-9 . _ -, the first a letter or digit";

/** In words, by key. */
const PATTERNS: Readonly<Record<string, string>> = {
  id: "must be img- and then up to 120 of A-Z a-z 0-9 . _ -, the first a letter or digit",
  role: "must be 1 to 63 of A-Z a-z 0-9 _ . -, the first a letter or _, and no role of the server's own (pg_…, public)",
};

function parseEmpty(): Document {
  const [document] = parseAllDocuments("{}");
  return document as Document;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Raised with each step, and with each change of a part. */
export const SCHEMA_VERSION = 1;

/** What a database of a version has: tables by steps, and functions as a whole. */
export interface Schema {
  version: number;
  /** Run once each, in this order. */
  steps: readonly SchemaStep[];
  /** SQL that makes or replaces all of them, with what clients may call. */
  functions: string;
}

/** Changes of tables and what hangs on them. `callsFunctions`: it names functions, and is run once they are there. */
export interface SchemaStep {
  name: string;
  text: string;
  callsFunctions?: boolean;
}

/** A step that was released never changes: a new one follows it. */
const STEPS: readonly Omit<SchemaStep, "text">[] = [
  { name: "0001-accounts" },
  { name: "0002-records" },
  { name: "0003-contents" },
  { name: "0004-keys" },
  { name: "0005-audit" },
  { name: "0006-triggers", callsFunctions: true },
  { name: "0007-policies", callsFunctions: true },
];

/**
 * Functions: replaced as a whole, in this order, where any of them has changed; no table is locked for it. Clients of the
 * last version may be connected: what they call keeps its name, arguments and meaning. One whose arguments change gets
 * another name, or there would be two of them.
 */
const PARTS = [
  "refusals",
  "accounts",
  "audit",
  "quotas",
  "contents",
  "creators",
  "keys",
  "shapes",
  "rows",
  "records",
  "images",
  "instances",
  "volumes",
  "shares",
  "shared",
  "exports",
  "content-index",
  "settings",
  "import",
  "access",
] as const;

/** The schema that this program has. */
export function readSchema(): Schema {
  return {
    version: SCHEMA_VERSION,
    steps: STEPS.map((step) => ({ ...step, text: read("steps", step.name) })),
    functions: PARTS.map((name) => read("functions", name)).join("\n"),
  };
}

function read(folder: string, name: string): string {
  return readFileSync(join(__dirname, folder, `${name}.sql`), "utf8");
}

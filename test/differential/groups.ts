import path from "node:path";
import { fixtures } from "../support/paths";
import type { Scenario } from "../support/scenario";
import { FAILURES } from "./failures";
import { LIFECYCLE } from "./lifecycle";
import { OPTIONS } from "./options";
import { PACKAGE } from "./package";
import { PARENTS } from "./parents";
import { PROGRAMS } from "./programs";
import { PROVIDERS } from "./providers";
import { RANDOM_PACKAGE } from "./random-package";
import { VALUES } from "./values";

/** Scenarios that are compared with what the Pulumi CLI did with them, which one file has. */
export interface Group {
  name: string;
  scenarios: Scenario[];
}

export const GROUPS: Group[] = [
  { name: "lifecycle", scenarios: LIFECYCLE },
  { name: "parents", scenarios: PARENTS },
  { name: "providers", scenarios: PROVIDERS },
  { name: "options", scenarios: OPTIONS },
  { name: "values", scenarios: VALUES },
  { name: "failures", scenarios: FAILURES },
  { name: "programs", scenarios: PROGRAMS },
  { name: "package", scenarios: PACKAGE },
  { name: "random-package", scenarios: RANDOM_PACKAGE },
];

export function fixtureOf({ name }: Group): string {
  return path.join(fixtures, "differential", `${name}.json`);
}

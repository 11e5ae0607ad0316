import { readFileSync } from "node:fs";
import path from "node:path";
import type { Scenario, Step } from "../support/scenario";
import type { Script } from "./thing-provider";

export const read = (module: string): string => readFileSync(path.join(__dirname, `${module}.js`), "utf8");

/** The modules that programs of things require. */
export const MODULES = { "thing.js": read("thing"), "thing-provider.js": read("thing-provider") };

/** What programs of things begin with, on their first line. */
export const PRELUDE = `const pulumi = require("@pulumi/pulumi"); const { Thing, Plain, Group } = require("./thing"); const config = new pulumi.Config();`;

export interface ThingStep extends Step {
  /** What goes wrong with which thing, in this step alone. */
  things?: Record<string, Script>;
}

/** A scenario of programs that `Thing`, `Plain`, `Group`, `pulumi` and `config` are there for. */
export function things(name: string, steps: ThingStep[], files: Record<string, string> = MODULES): Scenario {
  return {
    name,
    files,
    steps: steps.map(({ things = {}, program, files, ...step }) => ({
      ...step,
      files: {
        "things.json": JSON.stringify(things),
        ...(program !== undefined && { "index.js": PRELUDE + program }),
        ...files,
      },
    })),
  };
}

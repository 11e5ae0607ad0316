/*
 * Writes test/fixtures/programs/: what the Pulumi CLI makes of the scenarios, for the comparison where there is no CLI.
 * Run it with `pulumi` on PATH: `node dist/test/support/record.js`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pulumi } from "./engines";
import { fixtures } from "./paths";
import { play } from "./play";
import { SCENARIOS } from "./scenarios";

async function record(): Promise<void> {
  if (!pulumi.available) throw new Error("pulumi isn't on PATH");
  mkdirSync(fixtures, { recursive: true });
  for (const scenario of SCENARIOS) {
    const file = path.join(fixtures, `${scenario.name}.json`);
    writeFileSync(file, `${JSON.stringify(await play(pulumi, scenario), undefined, 1)}\n`);
    console.log(file);
  }
}

record().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

/*
 * Writes test/fixtures/differential/: what the Pulumi CLI makes of the scenarios, for the comparison where there is no
 * CLI. Run it with `pulumi` on PATH: `node dist/test/differential/record.js [group or scenario …]`; without arguments it
 * plays all of them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Slots } from "../../deployer/engine/slots";
import { pulumi } from "../support/engines";
import type { Played, Said } from "../support/play";
import { play } from "../support/play";
import type { Scenario } from "../support/scenario";
import type { Group } from "./groups";
import { fixtureOf, GROUPS } from "./groups";

const slots = new Slots(3);

async function record(names: string[]): Promise<void> {
  if (!pulumi.available) throw new Error("pulumi isn't on PATH");
  const isWanted = (group: Group, { name }: Scenario): boolean =>
    names.length === 0 || names.includes(group.name) || names.includes(name);
  await Promise.all(
    GROUPS.map((group) =>
      recordGroup(
        group,
        group.scenarios.filter((it) => isWanted(group, it)),
      ),
    ),
  );
}

async function recordGroup(group: Group, wanted: Scenario[]): Promise<void> {
  if (wanted.length === 0) return;
  const file = fixtureOf(group);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Played>) : {};
  const now = await Promise.all(
    wanted.map(async (scenario) => [scenario.name, await recordScenario(scenario)] as const),
  );
  const recorded = { ...before, ...Object.fromEntries(now) };
  const sorted = group.scenarios.map(({ name }) => [name, recorded[name]]);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${lines(Object.fromEntries(sorted), 5)}\n`);
}

async function recordScenario(scenario: Scenario): Promise<Played> {
  const said: Said = new Map();
  const steps = scenario.steps.filter(({ refused }) => !refused);
  const played = await slots.use(() => play(pulumi, { ...scenario, steps }, said));
  for (const { title } of steps) {
    const { code } = played[title]!;
    console.log(`${scenario.name}: ${title}: exit code ${code}`);
    if (code !== 0) console.log(said.get(title)!.replace(/^/gm, "    "));
  }
  return played;
}

/** JSON with a line for each value of so many levels: scenario, step, state or calls, resource, call. */
function lines(value: unknown, levels: number, indent = ""): string {
  if (levels === 0 || typeof value !== "object" || value === null) return JSON.stringify(value);
  const within = (item: unknown): string => lines(item, levels - 1, `${indent} `);
  const items = Array.isArray(value)
    ? value.map((item) => JSON.stringify(item))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${within(item)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return items.length === 0
    ? open! + close!
    : `${open}\n${items.map((it) => `${indent} ${it}`).join(",\n")}\n${indent}${close}`;
}

record(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

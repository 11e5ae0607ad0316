import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Engine } from "./engines";
import { succeeded } from "./expectations";
import type { Normalised } from "./normalise";
import { Normaliser } from "./normalise";
import { makeProject } from "./project";
import type { Scenario } from "./scenarios";
import { resources } from "./world";

export type Played = Record<string, Normalised>;

/** Runs a scenario's steps by an engine; what stands in the state and what the provider was asked, a step. */
export async function play(engine: Engine, scenario: Scenario): Promise<Played> {
  const project = await makeProject({ region: scenario.region });
  const recording = path.join(project.dir, "calls.jsonl");
  const recorder = path.join(__dirname, "record-calls.js");
  const env = { RECORD_CALLS: recording, NODE_OPTIONS: `--require ${recorder}` };
  const normaliser = new Normaliser();
  const played: Played = {};
  try {
    for (const { title, verb, program } of scenario.steps) {
      if (program) await project.write({ program });
      await rm(recording, { force: true });
      succeeded(await engine.run({ ...project, env }, verb, "--skip-preview"));
      const lines = (await readFile(recording, "utf8").catch(() => "")).split("\n").filter(Boolean);
      played[title] = normaliser.normalise(
        await resources(project),
        lines.map((line) => JSON.parse(line)),
        project,
      );
    }
  } finally {
    await project.remove();
  }
  return played;
}

import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Passphrase } from "../../deployer/secrets/passphrase";
import type { Engine, Process } from "./engines";
import { PASSPHRASE } from "./engines";
import type { Normalised, State } from "./normalise";
import { Normaliser } from "./normalise";
import type { Project } from "./project";
import { makeProject } from "./project";
import type { Scenario } from "./scenario";
import { stateFile } from "./world";

/** What came of a scenario, by the titles of its steps. */
export type Played = Record<string, PlayedStep>;

export interface PlayedStep extends Normalised {
  /** The engine's exit code. */
  code: number | null;
}

/** What an engine said in each step, by its title. */
export type Said = Map<string, string>;

/** Runs a scenario's steps by an engine; what stands in the state and what the provider was asked, a step. */
export async function play(engine: Engine, scenario: Scenario, said: Said = new Map()): Promise<Played> {
  const { region, files, steps } = scenario;
  const project = await makeProject({ region, files });
  const recording = path.join(project.dir, "calls.jsonl");
  const recorder = path.join(__dirname, "record-calls.js");
  const env = { ...scenario.env, RECORD_CALLS: recording, NODE_OPTIONS: `--require ${recorder}` };
  const normaliser = new Normaliser();
  const passphrase = new Passphrase({ PULUMI_CONFIG_PASSPHRASE: PASSPHRASE });
  const played: Played = {};
  try {
    for (const { title, verb, program, files, interruptedAt } of steps) {
      await project.write({ program, files });
      await rm(recording, { force: true });
      const args = verb === "preview" ? [] : ["--skip-preview"];
      const process = await engine.start({ ...project, env }, verb, ...args);
      if (interruptedAt !== undefined) await interrupt(process, interruptedAt);
      const { code, text } = await process.ended;
      said.set(title, text);
      const lines = (await readFile(recording, "utf8").catch(() => "")).split("\n").filter(Boolean);
      const calls = lines.map((line) => JSON.parse(line));
      played[title] = { code, ...normaliser.normalise(await state(project, passphrase), calls, project) };
    }
  } finally {
    await project.remove();
  }
  return played;
}

async function interrupt(process: Process, text: string): Promise<void> {
  let hasEnded = false;
  void process.ended.then(() => (hasEnded = true));
  while (!hasEnded && !process.text().includes(text)) await pause(50);
  process.kill("SIGINT");
}

async function state(project: Project, passphrase: Passphrase): Promise<State> {
  const text = await readFile(stateFile(project), "utf8").catch(() => undefined);
  const latest = text === undefined ? undefined : JSON.parse(text).checkpoint.latest;
  const salt = text?.includes('"ciphertext"') ? latest.secrets_providers.state.salt : undefined;
  const crypter = salt && (await passphrase.open(salt));
  return {
    resources: latest?.resources ?? [],
    pendingOperations: latest?.pending_operations ?? [],
    decrypt: (ciphertext) => crypter!.decrypt(ciphertext),
  };
}

import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseCheckpoint } from "../../../deployer/state/deployment";
import { Passphrase } from "../../../deployer/secrets/passphrase";
import type { Engine } from "../../support/engines";
import { runPulumi, runImages } from "../../support/engines";
import type { Normalised, State } from "../../support/normalise";
import { Normaliser } from "../../support/normalise";
import type { Project } from "../../support/project";
import { makeProject } from "../../support/project";
import { stateFile } from "../../support/world";
import type { History, Step } from "./model";

/** What a step left, alike for both engines: how it ended, the state, and what the provider was asked, by resource. */
export interface Outcome extends Normalised {
  succeeded: boolean;
}

export interface Played extends Outcome {
  /** What the engine said, which isn't compared. */
  text: string;
}

type Call = Record<string, unknown> & { method: string };

/** Plays a history from its beginning, in a project of its own. */
export async function play(engine: Engine, { steps }: History): Promise<Played[]> {
  const made = await makeProject();
  const calls = path.join(made.dir, "calls.jsonl");
  const recorder = path.resolve(__dirname, "..", "..", "support", "record-calls.js");
  const provider = path.join(made.dir, "provider.js");
  const env = {
    RECORD_CALLS: calls,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require ${recorder}`,
    SCRIPTED_PROVIDER: provider,
  };
  const project = { ...made, env };
  const normaliser = new Normaliser();
  const passphrase = new Passphrase({ PULUMI_CONFIG_PASSPHRASE: "correct horse" });
  try {
    await copyFile(path.join(__dirname, "scripted-program.js"), path.join(made.dir, "index.js"));
    await copyFile(path.join(__dirname, "scripted-provider.js"), provider);
    await (engine.name === "pulumi" ? runPulumi : runImages)(project, "stack", "init", "dev");
    const played: Played[] = [];
    for (const step of steps) {
      await rm(calls, { force: true });
      const { code, text } = await run(engine, project, step);
      const asked = (await readFile(calls, "utf8").catch(() => "")).split("\n").filter(Boolean);
      const normalised = normaliser.normalise(
        await readState(project, passphrase),
        asked.map((line) => JSON.parse(line) as Call).filter((call) => isCompared(step, call)),
        project,
      );
      played.push({ succeeded: code === 0, ...normalised, text });
    }
    return played;
  } finally {
    await made.remove();
  }
}

async function run(engine: Engine, project: Project, { verb, program, faults, throwsAt }: Step) {
  await writeFile(path.join(project.dir, "program.json"), JSON.stringify({ ...program, throwsAt }));
  await writeFile(path.join(project.dir, "faults.json"), JSON.stringify(faults));
  const args = verb === "preview" ? [] : ["--skip-preview"];
  // One at a time where something fails: else it is chance what is done besides.
  if (Object.keys(faults).length > 0) args.push("--parallel", "1");
  if (engine.name === "images") return runImages(project, verb, "--stack", "dev", ...yes(verb), ...args);
  return runPulumi(project, verb, "--stack", "dev", "--non-interactive", ...yes(verb), ...args);
}

const yes = (verb: string): string[] => (verb === "preview" ? [] : ["--yes"]);

/**
 * Resources that are declared all at once are asked for before the decisions on those before them are made, some of them
 * a second time: what is done must be the same, not what is asked.
 */
function isCompared({ verb, program }: Step, { method }: Call): boolean {
  return verb === "refresh" || program.inTurn || (method !== "check" && method !== "diff");
}

/** The state as it stands in the file. */
async function readState(project: Project, passphrase: Passphrase): Promise<State> {
  const file = stateFile(project);
  const text = await readFile(file, "utf8");
  const { salt } = parseCheckpoint(text, file);
  const { resources = [], pending_operations = [] } = JSON.parse(text).checkpoint.latest ?? {};
  const crypter = salt === undefined ? undefined : await passphrase.open(salt);
  return {
    resources,
    pendingOperations: pending_operations,
    decrypt: (ciphertext) => crypter!.decrypt(ciphertext),
  };
}

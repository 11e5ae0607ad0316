import { spawn } from "node:child_process";
import path from "node:path";
import { imagesCommand } from "./paths";
import type { Project } from "./project";
import { isInstalled } from "./tools";

/** The passphrase of all stacks that tests make. */
export const PASSPHRASE = "correct horse";

export type Verb = "preview" | "up" | "refresh" | "destroy";

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both, as a user reads them. */
  text: string;
}

/** What runs programs: this package's deployer, or the Pulumi CLI. */
export interface Engine {
  readonly name: "images" | "pulumi";
  readonly available: boolean;
  /** Begins a verb on the project's stack `dev`, which is made where there is none yet. */
  start(project: Project, verb: Verb, ...args: string[]): Promise<Process>;
  /** Runs a verb, from its beginning to its end. */
  run(project: Project, verb: Verb, ...args: string[]): Promise<Run>;
}

/** A process of an engine that a test may kill. */
export interface Process {
  readonly pid: number;
  readonly ended: Promise<Run>;
  /** What it has said so far. */
  text(): string;
  kill(signal?: NodeJS.Signals): void;
}

export const images: Engine = {
  name: "images",
  available: true,
  start: async (project, verb, ...args) => startImages(project, verb, ...args),
  run: (project, verb, ...args) => startImages(project, verb, ...args).ended,
};

export const pulumi: Engine = {
  name: "pulumi",
  available: isInstalled("pulumi"),
  async start(project, verb, ...args) {
    await command(project, "pulumi", ["stack", "select", "--create", "dev"]);
    return start(project, "pulumi", [verb, "--stack", "dev", "--non-interactive", ...yes(verb), ...args]);
  },
  run: async (project, verb, ...args) => (await pulumi.start(project, verb, ...args)).ended,
};

/** `images` with any arguments, such as `config`, `set`, … */
export function runImages(project: Project, ...args: string[]): Promise<Run> {
  return start(project, process.execPath, [imagesCommand, ...args]).ended;
}

export function runPulumi(project: Project, ...args: string[]): Promise<Run> {
  return command(project, "pulumi", args);
}

/** A verb of `images` as a process; in a group of its own, so that a kill reaches nothing else. */
export function startImages(project: Project, verb: Verb, ...args: string[]): Process {
  return start(project, process.execPath, [imagesCommand, verb, "--stack", "dev", ...yes(verb), ...args]);
}

/** One suite an engine; skipped, and counted so, for an engine that isn't on this machine. */
export function describeForEngines(title: string, define: (engine: Engine) => void): void {
  for (const engine of [images, pulumi]) {
    const suite = engine.available ? describe : describe.skip;
    suite(`${title} (${engine.name})`, () => define(engine));
  }
}

function yes(verb: Verb): string[] {
  return verb === "preview" ? [] : ["--yes"];
}

function command(project: Project, program: string, args: string[]): Promise<Run> {
  return start(project, program, args).ended;
}

function start(project: Project, program: string, args: string[]): Process {
  const child = spawn(program, args, {
    cwd: project.dir,
    env: { ...withoutPulumi(process.env), ...environment(project) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const text = (): string => stdout + stderr;
  const ended = new Promise<Run>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr, text: text() }));
  });
  return { pid: child.pid!, ended, text, kill: (signal = "SIGKILL") => void child.kill(signal) };
}

function withoutPulumi(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith("PULUMI_")));
}

/** Nothing of the machine's own Pulumi takes part: not its login, its plugins nor its passphrase. */
function environment(project: Project): NodeJS.ProcessEnv {
  return {
    NO_COLOR: "1",
    PULUMI_HOME: path.join(project.dir, ".home"),
    PULUMI_BACKEND_URL: `file://${project.dir}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...project.region.env,
    ...project.env,
  };
}

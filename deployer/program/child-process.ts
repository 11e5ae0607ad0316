import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { Duplex } from "node:stream";
import { createInterface } from "node:readline";
import { UserError } from "../user-error";
import { PIPE } from "../wire/piped-service";

export interface ChildOptions {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** It has one end of a pipe, of which `Child` has the other. */
  piped?: boolean;
  /** Called with each line of the child's standard output and error, until it has ended. */
  onLine(line: string, stream: "stdout" | "stderr"): void;
}

/** A process of the engine's: out of reach of the terminal's signals, and never left behind. */
export interface Child {
  /** How it ended; resolves after its last line. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it, with SIGTERM and after two seconds with SIGKILL; resolves when it has ended. */
  end(): Promise<void>;
  kill(): void;
  pipe?: Duplex;
}

const living = new Set<ChildProcess>();
process.on("exit", () => living.forEach(killGroup));

/** Arguments for `node` that load a file of this folder before anything else. */
export function preload(file: string): string[] {
  return ["--require", path.join(__dirname, file)];
}

export function startChild(options: ChildOptions): Child {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    // A process group of its own: Ctrl-C in the terminal reaches the engine alone, which decides.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe", ...(options.piped ? (["pipe"] as const) : [])],
  });
  living.add(child);
  createInterface({ input: child.stdout! }).on("line", (line) => options.onLine(line, "stdout"));
  createInterface({ input: child.stderr! }).on("line", (line) => options.onLine(line, "stderr"));
  // Their breaking is the child's end, which `ended` tells; the lifeline's end of ours carries nothing.
  child.stdio[3]?.on("error", () => {});
  child.stdio[PIPE]?.on("error", () => {});

  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on("error", (cause) => {
      living.delete(child);
      reject(new UserError(`${options.command} can't be started: ${cause.message}`, { cause }));
    });
    child.on("close", (code, signal) => {
      living.delete(child);
      resolve({ code, signal });
    });
  });
  ended.catch(() => {});
  return {
    ended,
    kill: () => killGroup(child),
    pipe: options.piped ? (child.stdio[PIPE] as Duplex) : undefined,
    async end() {
      if (!living.has(child)) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => killGroup(child), 2000);
      await ended.catch(() => {});
      clearTimeout(timer);
    },
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

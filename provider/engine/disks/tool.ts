import { spawn, type ChildProcess } from "node:child_process";
import type { FileHandle } from "node:fs/promises";
import { access } from "node:fs/promises";

/** What a tool that failed left to be told. */
export class ToolError extends Error {
  constructor(
    readonly tool: string,
    readonly ended: { code: number | null; signal: NodeJS.Signals | null },
    /** Last lines of what it wrote to stderr. */
    readonly says: string,
  ) {
    super(`${tool} ended with ${ended.signal ?? ended.code}: ${says}`);
  }
}

/** The tool isn't installed, or not on PATH. */
export class ToolMissing extends Error {
  constructor(readonly tool: string) {
    super(`${tool} isn't there`);
  }
}

export interface ToolRun {
  folder: string;
  /** Open files that the tool inherits, as /dev/fd/3 and so on. */
  files?: readonly FileHandle[];
  output?: (text: string) => void;
  /** Kills the tool once it is aborted; its reason is thrown when the tool has ended. */
  signal?: AbortSignal;
}

/** First of the descriptors that a tool inherits beside its standard ones. */
export const FIRST_INHERITED = 3;
const KEPT_ERROR = 4096;
/** A tool needs no more of ours, and it may hold secrets. */
const ENVIRONMENT = ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"];

const running = new Set<ChildProcess>();
/** Who ends before its tools takes them along; what a killed process leaves behind works on a file without a future. */
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Runs a tool to its end; throws ToolError or ToolMissing. */
export async function runTool(tool: string, args: readonly string[], run: ToolRun): Promise<void> {
  const { folder, files = [], output, signal } = run;
  signal?.throwIfAborted();
  const child = spawn(tool, args, {
    cwd: folder,
    env: { ...environment(), LC_ALL: "C" },
    stdio: ["ignore", output ? "pipe" : "ignore", "pipe", ...files.map(({ fd }) => fd)],
    windowsHide: true,
  });
  running.add(child);
  const kill = () => void child.kill("SIGKILL");
  signal?.addEventListener("abort", kill);
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", output!);
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-KEPT_ERROR);
  });
  try {
    const ended = await new Promise<ToolError["ended"]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
    signal?.throwIfAborted();
    if (ended.code !== 0) throw new ToolError(tool, ended, errors.trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // A folder that is gone is told by the same code.
    await access(folder);
    throw new ToolMissing(tool);
  } finally {
    running.delete(child);
    signal?.removeEventListener("abort", kill);
  }
}

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    ENVIRONMENT.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

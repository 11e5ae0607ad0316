import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Duplex } from "node:stream";
import { UserError } from "../user-error";
import type { Sdk } from "../wire/sdk";
import { preload, startChild } from "./child-process";
import type { Child } from "./child-process";

export interface ProgramOptions {
  sdk: Sdk;
  project: { name: string; dir: string; main?: string };
  stack: { name: string; config: Record<string, string>; secretKeys: Set<string> };
  typescript: boolean;
  nodeArgs: string[];
  /** Where both of the engine's services are: `127.0.0.1:PORT`. */
  address: string;
  preview: boolean;
  parallel: number;
  onLine(line: string, stream: "stdout" | "stderr"): void;
}

export interface ProgramRun {
  /** Resolves when the program has ended and its output has been read. */
  ended: Promise<ProgramEnd>;
  end(): Promise<void>;
  kill(): void;
  /** Over which the program registers its resources. */
  pipe: Duplex;
}

export type ProgramEnd =
  | { kind: "done" }
  /** It failed and has told the user why, through the engine. */
  | { kind: "reported" }
  | { kind: "failed"; message: string };

/** The exit code of the SDK's runner for a failure that it has already told. */
const REPORTED = 32;

/** Runs the program by the SDK's own runner, as the Pulumi CLI's language host does. */
export function startProgram(options: ProgramOptions): ProgramRun {
  const { sdk, project, stack, address } = options;
  const { dir, entry } = programFolder(project);
  const child: Child = startChild({
    command: process.execPath,
    args: [
      ...options.nodeArgs,
      ...preload("preload-program.js"),
      path.join(sdk.dir, "cmd", "run", "index.js"),
      ...["--monitor", address, "--engine", address],
      ...["--organization", "organization", "--project", project.name, "--root-directory", project.dir],
      ...["--stack", stack.name, "--pwd", dir],
      ...(options.preview ? ["--dry-run"] : []),
      ...["--parallel", String(options.parallel)],
      entry,
    ],
    cwd: dir,
    env: {
      PULUMI_CONFIG: configJson(stack.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify([...stack.secretKeys]),
      PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
    },
    piped: true,
    onLine: options.onLine,
  });
  return {
    pipe: child.pipe!,
    ended: child.ended.then(({ code, signal }): ProgramEnd => {
      if (code === 0) return { kind: "done" };
      if (code === REPORTED) return { kind: "reported" };
      return {
        kind: "failed",
        message: signal ? `The program was ended by ${signal}.` : `The program ended with exit code ${code}.`,
      };
    }),
    end: () => child.end(),
    kill: () => child.kill(),
  };
}

/** The folder that a program runs in, and what of it to run ("." for what its package.json says). */
export function programFolder(project: { dir: string; main?: string }): { dir: string; entry: string } {
  if (!project.main) return { dir: project.dir, entry: "." };
  const main = path.resolve(project.dir, project.main);
  if (!existsSync(main)) {
    throw new UserError(`Pulumi.yaml names main: ${project.main}, but there is no ${main}.`);
  }
  return statSync(main).isDirectory()
    ? { dir: main, entry: "." }
    : { dir: path.dirname(main), entry: path.basename(main) };
}

/** Configuration as programs and providers are given it: JSON of `ns:config:key` → value. */
export function configJson(config: Record<string, string>): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key.replace(/^([^:]+):(?:config:)?/, "$1:config:"),
        value,
      ]),
    ),
  );
}

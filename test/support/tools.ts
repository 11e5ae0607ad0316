import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Where programs for the machine's administrator are, which aren't on everyone's PATH. */
const FOLDERS = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/sbin"];

function find(program: string): string | undefined {
  const files = FOLDERS.filter(Boolean).map((folder) => path.join(folder, program));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const isInstalled = (program: string): boolean => find(program) !== undefined;

/** A suite that needs programs beyond Node: skipped, and counted so, where one isn't on this machine. */
export function describeWith(programs: readonly string[], title: string, define: () => void): void {
  (programs.every(isInstalled) ? describe : describe.skip)(title, define);
}

/** Runs a program and returns what it printed; throws where it fails. */
export async function tool(program: string, ...args: string[]): Promise<string> {
  return (await execute(find(program) ?? program, args)).stdout;
}

import { execFile } from "node:child_process";
import { imagesCommand } from "./paths";

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `images` in a folder that needn't be a project's, with nobody to ask. */
export function runCommand(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const variables = { ...process.env, NO_COLOR: "1", ...env };
    const child = execFile(
      process.execPath,
      [imagesCommand, ...args],
      { cwd, env: variables, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (typeof code === "number") resolve({ code, stdout, stderr });
        else reject(error);
      },
    );
    child.stdin?.end();
  });
}

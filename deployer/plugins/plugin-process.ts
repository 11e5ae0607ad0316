import type { Duplex } from "node:stream";
import { startChild } from "../program/child-process";
import type { Child } from "../program/child-process";
import { UserError } from "../user-error";

/** A running plugin that serves the ResourceProvider protocol on a port of this machine. */
export interface RunningPlugin {
  port: number;
  /** Where it serves the protocol too, of a plugin that was given a pipe. */
  pipe?: Duplex;
  close(): Promise<void>;
  kill(): void;
}

export interface PluginCommand {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  piped?: boolean;
}

/**
 * Starts a plugin and waits for the port that is the first line of its output; what it writes after that goes to
 * `onLine`.
 *
 * @throws UserError where it ends before it has said its port, with what it said instead.
 */
export async function startPlugin(
  plugin: PluginCommand,
  onLine: (line: string) => void,
): Promise<RunningPlugin> {
  const said: string[] = [];
  let port: number | undefined;
  let child: Child | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      child = startChild({
        ...plugin,
        onLine(line, stream) {
          if (port !== undefined) onLine(line);
          else if (stream === "stdout" && /^\d+\s*$/.test(line)) {
            port = Number(line);
            resolve();
          } else said.push(line);
        },
      });
      child.ended.then(({ code }) => reject(new Error(`it ended with code ${code}`)), reject);
    });
  } catch (cause) {
    throw new UserError(
      [`The plugin "${plugin.name}" didn't start: ${(cause as Error).message}.`, ...said].join("\n"),
      { cause },
    );
  }
  return { port: port!, pipe: child!.pipe, close: () => child!.end(), kill: () => child!.kill() };
}

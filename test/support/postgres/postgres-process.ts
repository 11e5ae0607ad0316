import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { endingWithUs } from "../ending-with-us";
import { dataIn, identity, programPath } from "./programs";

/** Options of a server, as in postgresql.conf. */
export type PostgresSettings = Readonly<Record<string, string | number>>;

/** The server's process on the data in a folder: run, and ended, as often as a test wants. */
export class PostgresProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly folder: string,
    private readonly settings: PostgresSettings,
  ) {
    process.once("exit", this.kill);
  }

  /** Resolves when `answers` says that it can be asked. */
  async run(port: number, answers: () => Promise<boolean>): Promise<void> {
    const own = { port, listen_addresses: "127.0.0.1", unix_socket_directories: this.folder };
    const options = Object.entries({ ...this.settings, ...own }).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]);
    const log = await open(this.logFile, "a");
    const [program, args] = endingWithUs(
      programPath("postgres"),
      ["-D", dataIn(this.folder), ...options],
      "QUIT",
    );
    const child = spawn(program, args, {
      ...identity(),
      cwd: this.folder,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.unref();
    this.child = child;
    await log.close();
    for (let tries = 0; tries < 1200; tries++) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended:\n${await this.log()}`);
      if (await answers()) return;
      await wait(25);
    }
    throw new Error(`PostgreSQL doesn't answer:\n${await this.log()}`);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    child.ref();
    await once(child, "exit");
  }

  /** Nothing is to be seen to at this process's end any more. */
  forget(): void {
    process.off("exit", this.kill);
  }

  log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  private get logFile(): string {
    return path.join(this.folder, "log");
  }

  /** When this process ends and hasn't stopped it. */
  private readonly kill = () => this.child?.kill("SIGQUIT");
}

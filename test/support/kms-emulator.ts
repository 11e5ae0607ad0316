import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port";
import { root } from "./paths";

/** Where scripts/kms-emulator.mjs puts it. */
const CACHE = path.join(root, "node_modules", ".cache", "kms-emulator");

function findPython(): string | undefined {
  const versions = existsSync(CACHE) ? readdirSync(CACHE) : [];
  const whole = versions.find((version) => existsSync(path.join(CACHE, version, "installed")));
  return whole && path.join(CACHE, whole, "bin", "python");
}

/** A suite that needs an emulator of AWS KMS: skipped where none could be installed. */
export function describeWithKms(title: string, define: (this: Mocha.Suite) => void): void {
  (findPython() ? describe : describe.skip)(title, define);
}

/**
 * An emulator (moto) of AWS KMS. It proves the form of what is sent and taken; it checks no credentials, lets disabled
 * keys be used, and knows nothing of how AWS spreads what is new.
 */
export class KmsEmulator {
  private child: ChildProcess | undefined;
  private readonly kill = () => this.child?.kill("SIGKILL");

  private constructor(private readonly port: number) {
    process.once("exit", this.kill);
  }

  static async start(): Promise<KmsEmulator> {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    const emulator = new KmsEmulator(await freePort());
    await emulator.run();
    return emulator;
  }

  /** What a program's environment has to name it. */
  get env(): NodeJS.ProcessEnv {
    return {
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${this.port}`,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
  }

  async end(): Promise<void> {
    const { child } = this;
    process.removeListener("exit", this.kill);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  private async run(): Promise<void> {
    const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(this.port)];
    const child = spawn(findPython()!, args, { stdio: "ignore" });
    this.child = child;
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`the emulator of KMS ended with ${child.exitCode}`);
      const answer = await fetch(this.env.AWS_ENDPOINT_URL_KMS!).catch(() => undefined);
      if (answer) return;
      await wait(50);
    }
    throw new Error("the emulator of KMS doesn't answer");
  }
}

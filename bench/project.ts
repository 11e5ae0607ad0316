import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Usage } from "./usage";

const ROOT = resolve(__dirname, "../..");
const IMAGES = join(ROOT, "dist", "cli", "main.js");
const STACK = ["--stack", "dev"];

/** What a program declares `count` of. */
export const PROGRAMS = {
  "private images": (count: number) => `import { Instance, PrivateImage } from "pulumi-private-images";
const instance = new Instance("builder", {
  imageId: "img-pub-ubuntu-16-04",
  systemDisk: { type: "localDisk", size: 40 },
});
for (let i = 0; i < ${count}; i++) new PrivateImage("image-" + i, { instance });
`,
  RandomPets: (count: number) => `import { RandomPet } from "@pulumi/random";
for (let i = 0; i < ${count}; i++) new RandomPet("pet-" + i, {});
`,
};
export type ProgramKind = keyof typeof PROGRAMS;

/** What a command took, all of its processes. */
export interface Taken {
  seconds: number;
  cpuSeconds: number;
  /** Most memory that the deployer itself had. */
  peakMiB: number;
}

/** A project in a temporary folder, and one stack of it. */
export class BenchProject {
  readonly dir = mkdtempSync(join(tmpdir(), "images-bench-"));

  constructor(kind: ProgramKind, count: number, language: "javascript" | "typescript" = "javascript") {
    symlinkSync(join(ROOT, "node_modules"), join(this.dir, "node_modules"));
    const isTypescript = language === "typescript";
    this.write(
      "Pulumi.yaml",
      `name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: ${isTypescript}\n`,
    );
    this.write(
      "package.json",
      JSON.stringify({ name: "bench", main: isTypescript ? "index.ts" : "index.js" }),
    );
    mkdirSync(join(this.dir, ".images"));
    this.write(
      ".images/region.yaml",
      `region: local\naccounts:\n  - name: default\n    quotas:\n      privateImages: ${count + 1}\n`,
    );
    const text = PROGRAMS[kind](count);
    if (isTypescript) {
      const compilerOptions = {
        strict: true,
        target: "es2020",
        module: "commonjs",
        moduleResolution: "node",
      };
      this.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["index.ts"] }));
      this.write("index.ts", text);
    } else {
      this.write("index.js", text.replace(/import (.*) from (.*);/, "const $1 = require($2);"));
    }
  }

  /** One `images` command, the whole of its processes. */
  images(...args: string[]): Taken {
    const usage = join(this.dir, "usage.jsonl");
    writeFileSync(usage, "");
    const preload = `--require ${join(__dirname, "usage.js")}`;
    // Without Pulumi's home the plugins in it aren't found: random resources are the built-in provider's.
    const env = { NODE_OPTIONS: preload, IMAGES_BENCH_USAGE: usage, PULUMI_HOME: join(this.dir, ".home") };
    const seconds = this.run(process.execPath, [IMAGES, ...args, ...STACK], env);
    const processes = readFileSync(usage, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Usage);
    return {
      seconds,
      cpuSeconds: processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      peakMiB: processes.find(({ script }) => script === "main.js")?.peakMiB ?? NaN,
    };
  }

  /** Seconds of one command of the Pulumi CLI, on a file backend. */
  pulumi(...args: string[]): number {
    const backend = join(this.dir, ".cli");
    mkdirSync(backend, { recursive: true });
    return this.run("pulumi", [...args, ...STACK, "--non-interactive"], {
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private run(command: string, args: string[], env: Record<string, string>): number {
    const start = process.hrtime.bigint();
    const done = spawnSync(command, args, {
      cwd: this.dir,
      env: { ...process.env, PULUMI_CONFIG_PASSPHRASE: "", ...env },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}:\n${done.stdout}${done.stderr}`);
    return seconds;
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }
}

/** Whether the Pulumi CLI is there to be measured against. */
export function hasPulumi(): boolean {
  return spawnSync("pulumi", ["version"]).status === 0;
}

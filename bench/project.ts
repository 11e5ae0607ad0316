import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const IMAGES = join(ROOT, "dist", "deployer", "main.js");

/** A project in a temporary folder, whose program declares `count` private images of one instance. */
export class BenchProject {
  readonly dir = mkdtempSync(join(tmpdir(), "images-bench-"));

  constructor(count: number) {
    symlinkSync(join(ROOT, "node_modules"), join(this.dir, "node_modules"));
    this.write("Pulumi.yaml", "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
    this.write("package.json", JSON.stringify({ name: "bench", main: "index.js" }));
    mkdirSync(join(this.dir, ".images"));
    this.write(
      ".images/region.yaml",
      `region: local\naccounts:\n  - name: default\n    quotas:\n      privateImages: ${count + 1}\n`,
    );
    this.write(
      "index.js",
      `const { Instance, PrivateImage } = require("pulumi-private-images");
const instance = new Instance("builder", {
  imageId: "img-pub-ubuntu-16-04",
  systemDisk: { type: "localDisk", size: 40 },
});
for (let i = 0; i < ${count}; i++) new PrivateImage("image-" + i, { instance });
`,
    );
  }

  /** Wall-clock seconds of one `images` command, the whole process. */
  time(...args: string[]): number {
    const start = process.hrtime.bigint();
    const done = spawnSync(process.execPath, [IMAGES, ...args, "--stack", "dev"], {
      cwd: this.dir,
      env: { ...process.env, PULUMI_CONFIG_PASSPHRASE: "" },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (done.status !== 0) throw new Error(`images ${args.join(" ")}:\n${done.stdout}${done.stderr}`);
    return seconds;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }
}

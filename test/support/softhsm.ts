import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { vanishWithUs } from "./vanishing";

const MODULES = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm.so",
  "/usr/lib64/pkcs11/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
];

export const softHsmModule = MODULES.find((file) => existsSync(file));

/** A suite that needs SoftHSM 2 and pkcs11js: skipped where one isn't installed. */
export function describeWithSoftHsm(title: string, define: (this: Mocha.Suite) => void): void {
  (softHsmModule && hasNativePackage() ? describe : describe.skip)(title, define);
}

/** Folder of a SoftHSM's tokens, with one token in it that has a PIN of its own. */
export class SoftHsm {
  readonly label = "images";
  readonly pin = String(randomInt(1e7, 1e8));
  readonly securityPin = String(randomInt(1e7, 1e8));

  /** The first token's file, whose size never changes. */
  private whole = Buffer.alloc(0);

  private constructor(private readonly folder: string) {}

  static async make(): Promise<SoftHsm> {
    const folder = await mkdtemp(path.join(tmpdir(), "images-hsm-"));
    vanishWithUs(folder);
    const hsm = new SoftHsm(folder);
    await mkdir(hsm.tokens);
    const settings = [
      `directories.tokendir = ${hsm.tokens}`,
      "objectstore.backend = file",
      "log.level = ERROR",
    ];
    await writeFile(hsm.env.SOFTHSM2_CONF!, `${settings.join("\n")}\n`);
    await hsm.addToken(hsm.label);
    hsm.whole = await readFile(await hsm.tokenFile());
    return hsm;
  }

  /** What a process needs to reach it. SoftHSM reads SOFTHSM2_CONF when it is initialised. */
  get env(): NodeJS.ProcessEnv {
    return { SOFTHSM2_CONF: path.join(this.folder, "softhsm2.conf"), IMAGES_PKCS11_PIN: this.pin };
  }

  /** For `keys:` of a region. */
  get url(): string {
    return `pkcs11:token=${this.label}?module-path=${softHsmModule}`;
  }

  async addToken(label: string): Promise<void> {
    const pins = ["--pin", this.pin, "--so-pin", this.securityPin];
    await this.util(["--init-token", "--free", "--label", label, ...pins]);
  }

  /** Sets it up anew: its keys are gone. */
  async initToken(): Promise<void> {
    const pins = ["--pin", this.pin, "--so-pin", this.securityPin];
    await this.util(["--init-token", "--token", this.label, "--label", this.label, ...pins]);
  }

  /** Takes the tokens away, as by pulling them out. */
  async pull(): Promise<void> {
    await rename(this.tokens, this.pulled);
    await mkdir(this.tokens);
  }

  async plugIn(): Promise<void> {
    await rm(this.tokens, { recursive: true });
    await rename(this.pulled, this.tokens);
    await this.mend();
  }

  /**
   * After a process that used it was killed: SoftHSM, unlike a device, writes its token's file in place at each login,
   * and the token is gone where that is cut off.
   */
  async mend(): Promise<void> {
    const file = await this.tokenFile();
    const found = await stat(file).catch(() => undefined);
    if (!found || found.size === this.whole.length) return;
    const mended = path.join(this.folder, "mended.object");
    await writeFile(mended, this.whole);
    await rename(mended, file);
  }

  /** What the token tells of a key with this label: asked by a process of its own. */
  describeKey(label: string): Promise<Record<string, unknown>> {
    return this.ask("describeKey", label);
  }

  /** Whether a wrong PIN was given since the last right one. */
  wasRefusedAPin(): Promise<boolean> {
    return this.ask("wasRefusedAPin");
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async tokenFile(): Promise<string> {
    const [first = ""] = await readdir(this.tokens).catch(() => []);
    return path.join(this.tokens, first, "token.object");
  }

  private get tokens(): string {
    return path.join(this.folder, "tokens");
  }

  private get pulled(): string {
    return path.join(this.folder, "pulled");
  }

  private async ask<T>(...question: string[]): Promise<T> {
    const args = [require.resolve("./softhsm-questions"), softHsmModule!, this.pin, ...question];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, ...this.env },
    });
    return JSON.parse(stdout) as T;
  }

  private async util(args: string[]): Promise<void> {
    await promisify(execFile)("softhsm2-util", args, { env: { ...process.env, ...this.env } });
  }
}

function hasNativePackage(): boolean {
  try {
    require("pkcs11js");
    return true;
  } catch {
    return false;
  }
}

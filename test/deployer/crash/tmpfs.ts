import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small file system of its own, which can be full or read-only. */
export class Tmpfs {
  private constructor(readonly folder: string) {}

  static mount(kibibytes: number): Tmpfs {
    const folder = mkdtempSync(join(tmpdir(), "tmpfs-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder], {
        stdio: "ignore",
      });
    } catch (error) {
      rmdirSync(folder);
      throw error;
    }
    return new Tmpfs(folder);
  }

  static get canMount(): boolean {
    try {
      Tmpfs.mount(4).remove();
      return true;
    } catch {
      return false;
    }
  }

  /** Takes what space is left. */
  async fill(): Promise<void> {
    const filler = await open(this.filler, "w");
    const zeros = Buffer.alloc(2 ** 22);
    try {
      for (;;) await filler.write(zeros);
    } catch {
      // It is full.
    } finally {
      await filler.close();
    }
  }

  free(): Promise<void> {
    return rm(this.filler, { force: true });
  }

  grow(kibibytes: number): void {
    execFileSync("mount", ["-o", `remount,size=${kibibytes}k`, this.folder]);
  }

  makeReadOnly(readOnly: boolean): void {
    execFileSync("mount", ["-o", `remount,${readOnly ? "ro" : "rw"}`, this.folder]);
  }

  remove(): void {
    execFileSync("umount", ["-l", this.folder]);
    rmSync(this.folder, { recursive: true });
  }

  private get filler(): string {
    return join(this.folder, "filler");
  }
}

/** A suite that needs a file system of its own: skipped, and counted so, for users who may not mount one. */
export function describeWithTmpfs(title: string, define: () => void): void {
  (Tmpfs.canMount ? describe : describe.skip)(title, define);
}

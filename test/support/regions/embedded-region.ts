import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { ProcessMark } from "../../../provider/engine/catalog/process-mark";
import { SqliteCatalog } from "../../../provider/engine/catalog/sqlite-catalog";
import { FolderDiskStore } from "../../../provider/engine/disks/folder-disk-store";
import { FolderKeyService } from "../../../provider/engine/keys/folder-key-service";
import { readRegionFile } from "../../../provider/engine/region/region-file";
import type { TestRegion } from "./test-region";

/** In a folder, which is made when it is first needed. */
export class EmbeddedRegion implements TestRegion {
  readonly config = {};
  readonly env = {};

  constructor(readonly endpoint: string) {}

  static async make(): Promise<EmbeddedRegion> {
    return new EmbeddedRegion(await mkdtemp(path.join(tmpdir(), "images-region-")));
  }

  async apply(regionFile: string): Promise<void> {
    await mkdir(this.endpoint, { recursive: true });
    await writeFile(path.join(this.endpoint, "region.yaml"), regionFile);
  }

  async as(account: string) {
    return { config: { "images:endpoint": this.endpoint, "images:account": account }, env: {} };
  }

  async openCatalog(owner?: ProcessMark): Promise<SqliteCatalog> {
    const settings = await readRegionFile(this.endpoint);
    return new SqliteCatalog(path.join(this.endpoint, "catalog.db"), settings, { owner });
  }

  async contents(): Promise<string[]> {
    const names = (await this.files()).filter((name) => !isTemporary(name));
    return names.map((name) => path.parse(name).name).sort();
  }

  async whatIsOf(id: string): Promise<string> {
    return (await this.files()).filter((name) => name.includes(id)).join(", ") || "no file";
  }

  async leftOver(): Promise<string[]> {
    const exporting = await readdir(path.join(this.endpoint, "exporting")).catch(() => []);
    return [...(await this.files()).filter(isTemporary), ...exporting];
  }

  async withContent<T>(
    id: string,
    wrappedKey: string | undefined,
    use: (file: string) => Promise<T>,
  ): Promise<T> {
    const disks = new FolderDiskStore(this.endpoint);
    const fromKey = wrappedKey
      ? await new FolderKeyService(path.join(this.endpoint, "keys")).unwrap(wrappedKey)
      : undefined;
    const copy = `read-by-a-test-${id}`;
    await disks.copy(id, copy, { fromKey });
    try {
      return await use(path.join(this.endpoint, "disks", `${copy}.raw`));
    } finally {
      await disks.remove(copy);
    }
  }

  async changeContent(
    id: string,
    change: (file: string, format: "raw" | "qcow2") => Promise<void>,
  ): Promise<void> {
    const file = (await this.files()).find((name) => path.parse(name).name === id)!;
    const format = path.extname(file) === ".qcow2" ? "qcow2" : "raw";
    await change(path.join(this.endpoint, "disks", file), format);
  }

  async *stored(): AsyncIterable<{ name: string; bytes: Buffer }> {
    for (const entry of await readdir(this.endpoint, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      yield { name: entry.name, bytes: await readFile(path.join(entry.parentPath, entry.name)) };
    }
  }

  async copy(): Promise<EmbeddedRegion> {
    const copy = await EmbeddedRegion.make();
    // Disks are sparse, which Node's own copy isn't.
    await promisify(execFile)("cp", ["-RT", this.endpoint, copy.endpoint]);
    return copy;
  }

  async remove(): Promise<void> {
    await rm(this.endpoint, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Its disk files. */
  private files(): Promise<string[]> {
    return readdir(path.join(this.endpoint, "disks")).catch(() => []);
  }
}

function isTemporary(file: string): boolean {
  return file.startsWith(".");
}

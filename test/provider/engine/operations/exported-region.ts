import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { DeviceMapping, ExportFormat, ExportRecord } from "../../../../provider/engine/model";
import { kindOf } from "../../../../provider/engine/operations/devices";
import { tool } from "../../../support/tools";
import { newImage } from "../catalog/records";
import type { TestRun, World } from "../world";
import { worldsOfFiles } from "../worlds";

const newWorld = worldsOfFiles();

const QEMU = { raw: "raw", qcow2: "qcow2", vmdk: "vmdk", vhd: "vpc" };
export const MIB = 2 ** 20;

/** A region with one image of two disks, and a folder to export to. */
export class ExportedRegion {
  readonly work: string;
  readonly target: string;

  private constructor(
    readonly folder: string,
    readonly world: World,
  ) {
    this.work = join(folder, "work");
    this.target = join(folder, "exports");
  }

  static async make(): Promise<ExportedRegion> {
    const region = new ExportedRegion(await mkdtemp(join(tmpdir(), "images-exports-")), await newWorld());
    const { disks, catalog } = region.world;
    const devices: DeviceMapping[] = ["vda", "vdb"].map((device) => ({
      device: `/dev/${device}`,
      kind: kindOf("localDisk", `/dev/${device}`),
      id: `disk-${device}`,
      size: 1,
    }));
    await catalog.transaction((tx) =>
      tx.insert("image", newImage("img-1", { name: "golden image", deviceMappings: devices })),
    );
    for (const device of ["vda", "vdb"]) {
      const path = region.source(device);
      await writeFile(path, randomBytes(3 * MIB));
      await truncate(path, 8 * MIB);
      await disks.importFile({ path, format: "raw", property: "diskFile" }, `disk-${device}`);
    }
    return region;
  }

  source(device: string): string {
    return join(this.folder, `${device}.raw`);
  }

  run(account?: string): TestRun {
    return this.world.run({ account, workFolder: this.work });
  }

  async exports(): Promise<readonly ExportRecord[]> {
    return (await this.world.catalog.snapshot()).exports;
  }

  /** The exported file reads as the disk does. */
  async compare(file: string, device: string, format: ExportFormat): Promise<void> {
    const said = await tool(
      "qemu-img",
      "compare",
      "-f",
      "raw",
      "-F",
      QEMU[format],
      this.source(device),
      file,
    );
    expect(said).to.contain("Images are identical.");
  }

  async remove(): Promise<void> {
    // Nothing of any export stays on its way out.
    expect(await readdir(this.work).catch(() => [])).to.deep.equal([]);
    await rm(this.folder, { recursive: true });
  }
}

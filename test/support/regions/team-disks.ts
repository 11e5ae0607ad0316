import { open } from "node:fs/promises";
import { CELL, cellsOf, CELLS } from "../../provider/engine/live-disks";
import type { LiveDisks } from "../../provider/engine/live-disks";
import type { OpenedDisks } from "./opened-disks";
import type { TeamRegion } from "./team-region";

/** Disks of a team's region as the VMs that they belong to write and read them. */
export class TeamDisks implements LiveDisks {
  constructor(
    private readonly region: TeamRegion,
    private readonly opened: OpenedDisks,
  ) {}

  get disks() {
    return this.opened.store;
  }

  write(id: string, cell: number, letter: string): Promise<void> {
    return this.region.changeContent(id, async (path) => {
      const file = await open(path, "r+");
      await file.write(Buffer.alloc(CELL, letter), 0, CELL, cell * CELL);
      await file.close();
    });
  }

  read(id: string, key?: Buffer): Promise<string> {
    return this.region.withOpened(id, key, async (path) => {
      const file = await open(path);
      const bytes = Buffer.alloc(CELL * CELLS);
      await file.read(bytes, 0, bytes.length, 0);
      await file.close();
      return cellsOf(bytes);
    });
  }

  async dispose(): Promise<void> {
    await this.opened.close();
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { SqliteCatalog } from "../../../../provider/engine/catalog/sqlite-catalog";
import { needsQemu } from "../disks/disk-fixtures";
import { folderDisks, memoryDisks } from "../live-disks";
import type { LiveDisks } from "../live-disks";
import { settingsOf } from "../world";
import { expectSoundHistories } from "./histories";
import { ImageHistory, imageStep } from "./image-history";
import { PLENTY } from "./live-world";

const onMemory = (live: LiveDisks) => new ImageHistory(live);

describe("images and instances, in whatever order they are made, written and deleted,", () => {
  it("read as they should and leave nothing, in memory", async function () {
    this.timeout(60_000);
    await expectSoundHistories(imageStep, onMemory, async () => memoryDisks(), { runs: 150, maxLength: 30 });
  });

  it("read as they should and leave nothing, over SQLite", async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(join(tmpdir(), "full-images-"));
    const catalogs: Catalog[] = [];
    try {
      const onSqlite = (live: LiveDisks) => {
        const catalog = new SqliteCatalog(join(folder, `${catalogs.length}.db`), settingsOf(PLENTY));
        catalogs.push(catalog);
        return new ImageHistory(live, catalog);
      };
      await expectSoundHistories(imageStep, onSqlite, async () => memoryDisks(), { runs: 12, maxLength: 20 });
    } finally {
      for (const catalog of catalogs) await catalog.close();
      await rm(folder, { recursive: true });
    }
  });

  it("read as they should and leave nothing, on disks by qemu-img", async function () {
    needsQemu.call(this);
    this.timeout(120_000);
    await expectSoundHistories(imageStep, onMemory, folderDisks, { runs: 4, maxLength: 14 });
  });
});

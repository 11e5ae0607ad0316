import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { SqliteCatalog } from "../../../../provider/engine/catalog/sqlite-catalog";
import { itEmbedded, regionUnderTest } from "../../../support/regions/region-under-test";
import { needsQemu } from "../disks/disk-fixtures";
import { folderDisks } from "../live-disks";
import { settingsOf } from "../world";
import { liveWorlds } from "../worlds";
import type { LiveWorld } from "../worlds";
import { expectSoundHistories } from "./histories";
import { ImageHistory, imageStep } from "./image-history";
import { PLENTY } from "./live-world";

const newWorld = liveWorlds();
const historyIn = (world: LiveWorld) => new ImageHistory(world);

describe("images and instances, in whatever order they are made, written and deleted,", () => {
  it("read as they should and leave nothing", async function () {
    this.timeout(300_000);
    const { runs, maxLength } = { embedded: { runs: 150, maxLength: 30 }, team: { runs: 3, maxLength: 10 } }[
      regionUnderTest
    ];
    await expectSoundHistories(imageStep, historyIn, () => newWorld(PLENTY), { runs, maxLength });
  });

  itEmbedded("read as they should and leave nothing, over SQLite", async () => {
    const folder = await mkdtemp(join(tmpdir(), "full-images-"));
    const catalogs: Catalog[] = [];
    try {
      const onSqlite = () => {
        const catalog = new SqliteCatalog(join(folder, `${catalogs.length}.db`), settingsOf(PLENTY));
        catalogs.push(catalog);
        return newWorld(PLENTY, { catalog });
      };
      await expectSoundHistories(imageStep, historyIn, onSqlite, { runs: 12, maxLength: 20 });
    } finally {
      for (const catalog of catalogs) await catalog.close();
      await rm(folder, { recursive: true });
    }
  });

  itEmbedded("read as they should and leave nothing, on disks by qemu-img", async function () {
    needsQemu.call(this);
    const onFiles = async () => newWorld(PLENTY, { live: await folderDisks() });
    await expectSoundHistories(imageStep, historyIn, onFiles, { runs: 4, maxLength: 14 });
  });
});

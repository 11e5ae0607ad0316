import { open } from "node:fs/promises";
import type { Catalog } from "../../provider/engine/catalog/catalog";
import { CELL, cellsOf, CELLS } from "../provider/engine/live-disks";
import type { LiveDisks } from "../provider/engine/live-disks";
import { expectSoundHistories } from "../provider/engine/operations/histories";
import { ImageHistory, imageStep } from "../provider/engine/operations/image-history";
import { PLENTY } from "../provider/engine/operations/live-world";
import { settingsOf, standIns } from "../provider/engine/world";
import { describeTeam } from "../support/regions/region-under-test";
import { TeamRegion } from "../support/regions/team-region";
import { sharedTeamServers } from "../support/regions/team-servers";

describeTeam(
  "images and instances of a team's region, in whatever order they are made, written and deleted,",
  function () {
    this.timeout(300_000);

    it("read as they should and leave nothing", async () => {
      const disksOf = () => TeamDisks.make();
      const onTeam = (live: LiveDisks) => new ImageHistory(live, (live as TeamDisks).catalog);
      await expectSoundHistories(imageStep, onTeam, disksOf, { runs: 3, maxLength: 10 });
    });
  },
);

/** A team's region and what VMs write to its disks. */
class TeamDisks implements LiveDisks {
  private constructor(
    private readonly region: TeamRegion,
    private readonly opened: ReturnType<TeamRegion["openDisks"]>,
    readonly catalog: Catalog,
  ) {}

  static async make(): Promise<TeamDisks> {
    const region = await TeamRegion.make(await sharedTeamServers(), REGION_FILE);
    return new TeamDisks(region, region.openDisks(standIns), await region.openCatalog());
  }

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

  read(id: string): Promise<string> {
    return this.region.withContent(id, undefined, async (path) => {
      const file = await open(path);
      const bytes = Buffer.alloc(CELL * CELLS);
      await file.read(bytes, 0, bytes.length, 0);
      await file.close();
      return cellsOf(bytes);
    });
  }

  async dispose(): Promise<void> {
    await this.catalog.close();
    await this.opened.close();
    await this.region.remove();
  }
}

const REGION_FILE = settingsOf()
  .regions.map(({ name, accounts }) => {
    const names = accounts.map((account) => ({ name: account.name }));
    return `region: ${name}\nquotas: ${JSON.stringify(PLENTY)}\naccounts: ${JSON.stringify(names)}\n`;
  })
  .join("---\n");

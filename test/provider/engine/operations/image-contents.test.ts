import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openRegion } from "../../../../provider/engine/open-region";
import { describeTeam } from "../../../support/regions/region-under-test";
import { TeamRegion } from "../../../support/regions/team-region";
import { sharedTeamServers } from "../../../support/regions/team-servers";
import { withEnv } from "../../../support/s3-server";
import { byId, TestRun, up } from "../world";

const MIB = 2 ** 20;

describeTeam("an instance whose disk is larger than what it was made of", () => {
  let region: TeamRegion;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-contents-"));
    region = await TeamRegion.make(
      await sharedTeamServers(),
      "region: local\naccounts: [{ name: default }]\n",
    );
  });
  after(async () => {
    await region.remove();
    await rm(folder, { recursive: true });
  });

  async function inRun<T>(work: (run: TestRun) => Promise<T>): Promise<T> {
    const engine = await openRegion({ endpoint: region.endpoint });
    try {
      return await work(new TestRun(engine, {}));
    } finally {
      await engine.close();
    }
  }

  it("is read for its first image; further ones, of it and of what is made of them, read nothing", async () => {
    const diskFile = join(folder, "disk.raw");
    await writeFile(diskFile, randomBytes(3 * MIB));
    const systemDisk = { type: "localDisk", size: 2 } as const;
    const vm = await inRun((run) => up(run.engine.instances, run.instance("vm", { diskFile, systemDisk })));
    const imageOf = (id: string, name: string) =>
      inRun((run) => up(run.engine.images, run.image(name, byId(id))));
    const first = await imageOf(vm.id, "first");
    await withEnv({ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" }, async () => {
      const second = await imageOf(vm.id, "second");
      expect(second).to.include({ checksum: first.checksum, sizeBytes: first.sizeBytes });
      const other = await inRun((run) =>
        up(run.engine.instances, run.instance("other", { image: byId(second.id), systemDisk })),
      );
      expect(await imageOf(other.id, "third")).to.include({ checksum: first.checksum });
    });
  });
});

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import type { Catalog } from "../../../provider/engine/catalog/catalog";
import { Tmpfs } from "../../deployer/crash/tmpfs";
import { FaultProxy } from "../../support/fault-proxy";
import { freePort } from "../../support/free-port";
import { PostgresServer } from "../../support/postgres-server";
import { describeTeam } from "../../support/regions/region-under-test";
import { TeamRegion } from "../../support/regions/team-region";
import { S3Server, setEnv } from "../../support/s3-server";
import { SoftHsm } from "../../support/softhsm";
import { brokenAtRest, brokenNow } from "../invariants";
import { ACCOUNTS, generator } from "../random-work";
import { start } from "../start";
import { BucketWay, TROUBLES } from "./troubles";
import type { Scene } from "./troubles";
import { Accounts, Worker } from "./workers";

/** Longer by hand: IMAGES_CHAOS_SECONDS=3600. */
const SECONDS = Number(process.env.IMAGES_CHAOS_SECONDS ?? 120);
const WORKERS = 8;
const KILL_EVERY_MS = 5000;
/** How wrong the clocks of some workers are: within what S3 takes. */
const CLOCKS = [0, 0, 0, 0, 0, 0, 8 * 60_000, -8 * 60_000];

describeTeam("programs on a region of a team that is in trouble", function () {
  this.timeout((SECONDS + 300) * 1000);
  let scene: Scene;
  let region: TeamRegion;
  let folder: string;
  let putBack: () => void;
  const seed = Number(process.env.IMAGES_CHAOS_SEED ?? Date.now() % 1e6);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "images-chaos-"));
    const s3Disk = Tmpfs.canMount ? Tmpfs.mount(512 * 1024) : undefined;
    const [postgres, s3, hsm] = await Promise.all([
      PostgresServer.start({ max_connections: 60 }),
      S3Server.start(s3Disk?.folder),
      SoftHsm.make(),
    ]);
    const standby = await postgres.standby(await freePort());
    const hosts = `127.0.0.1:${postgres.port},127.0.0.1:${standby.port}`;
    const servers = { postgres, s3, hsm, folder, hosts };
    const bucketWay = new BucketWay();
    bucketWay.proxy = await FaultProxy.before(s3.endpoint, () => bucketWay.fate());
    // Other suites of this process have servers of their own.
    putBack = setEnv({ ...s3.env, ...hsm.env, AWS_CONFIG_FILE: "/dev/null" });
    const accounts = ACCOUNTS.map((name) => `  - name: ${name}\n`).join("");
    region = await TeamRegion.make(servers, `region: local\naccounts:\n${accounts}`);
    scene = { servers, standby, database: region.database, login: region.endpoint, bucketWay, s3Disk };
  });
  after(async () => {
    const { servers, standby, bucketWay, s3Disk } = scene;
    await region.remove();
    await Promise.all([
      servers.postgres.remove(),
      standby.remove(),
      servers.s3.remove(),
      servers.hsm.remove(),
    ]);
    await bucketWay.proxy.close();
    s3Disk?.remove();
    putBack();
    await rm(folder, { recursive: true });
  });

  it(`lose nothing, double nothing and exceed nothing in ${SECONDS} s, whatever happens`, async () => {
    const disk = path.join(folder, "disk.raw");
    await writeFile(disk, randomBytes(3 * 2 ** 20));
    const accounts = new Accounts();
    const env = { ...process.env, AWS_ENDPOINT_URL_S3: scene.bucketWay.proxy.endpoint };
    const workers = CLOCKS.map((clock, index) => {
      const orders = { endpoint: region.endpoint, disk, clock, seed: seed * WORKERS + index };
      return new Worker(orders, env, accounts);
    });
    const end = performance.now() + SECONDS * 1000;
    const isTime = () => performance.now() < end;
    const reader = new Reader(region);
    const happened = new Set<string>();
    try {
      await Promise.all([
        trouble(isTime, happened),
        kills(isTime, workers),
        reader.look(() => isTime() || happened.size < TROUBLES.length),
      ]);
      await Promise.all(workers.map((worker) => worker.end()));
    } catch (error) {
      for (const worker of workers) worker.abandon();
      throw error;
    }
    const told = summary(accounts, reader);
    console.log(`      seed ${seed}: ${told}`);
    expect(reader.broken, `seed ${seed}`).to.deep.equal([]);
    expect(accounts.stuck, `seed ${seed}`).to.deep.equal([]);
    expect([...accounts.unclear], `seed ${seed}`).to.deep.equal([]);
    await start(region, { steps: [{ operation: "tidy", name: "tidy" }], account: ACCOUNTS[0] });
    expect(await brokenAtRest(region), `seed ${seed}`).to.deep.equal([]);
    expect(await lost(accounts), `seed ${seed}`).to.deep.equal([]);
    await readAll();
    expect(accounts.made.size, told).to.be.greaterThan(20);
    expect(reader.looks, told).to.be.greaterThan(20);
  });

  /** All troubles in an order by chance, again and again, each at least once. */
  async function trouble(isTime: () => boolean, happened: Set<string>): Promise<void> {
    const random = generator(seed);
    for (;;) {
      const order = [...TROUBLES].sort(() => random() - 0.5);
      for (const { title, happen } of order) {
        if (!isTime() && happened.size === TROUBLES.length) return;
        await pause(1000 + random() * 2000);
        await happen(scene);
        happened.add(title);
      }
    }
  }

  async function kills(isTime: () => boolean, workers: readonly Worker[]): Promise<void> {
    const random = generator(seed + 1);
    while (isTime()) {
      await pause(KILL_EVERY_MS * (0.5 + random()));
      await workers[Math.floor(random() * workers.length)]!.kill();
      await scene.servers.hsm.mend();
    }
  }

  /** Every image's disks open, and are what was sealed; what isn't is thrown. */
  async function readAll(): Promise<void> {
    const catalog = await region.openCatalog();
    const { images } = await catalog.snapshot().finally(() => catalog.close());
    for (const { visibility, deviceMappings, wrappedKey } of images) {
      if (visibility !== "private") continue;
      for (const { id } of deviceMappings) await region.withContent(id, wrappedKey, async () => undefined);
    }
  }

  /** What programs were told to have made, nobody has asked to delete, and isn't there. */
  async function lost({ made, deleted }: Accounts): Promise<string[]> {
    const catalog = await region.openCatalog();
    const snapshot = await catalog.snapshot().finally(() => catalog.close());
    const { images, instances, volumes, shares, exports } = snapshot;
    const standing = new Set([images, instances, volumes, shares, exports].flat().map(({ id }) => id));
    return [...made.keys()].filter((id) => !standing.has(id) && !deleted.has(id));
  }
});

/** Looks at the region the whole time, as far as it can be seen. */
class Reader {
  looks = 0;
  blind = 0;
  broken: string[] = [];

  constructor(private readonly region: TeamRegion) {}

  async look(isTime: () => boolean): Promise<void> {
    let catalog: Catalog | undefined;
    while (isTime() && this.broken.length === 0) {
      try {
        catalog ??= await this.region.openCatalog();
        this.broken = await brokenNow(this.region, catalog);
        this.looks++;
      } catch {
        this.blind++;
      }
      await pause(100);
    }
    await catalog?.close();
  }
}

function summary({ made, refused, failed, killed, failures }: Accounts, { looks, blind }: Reader): string {
  const kinds = [...failures].map(([says, times]) => `\n        ${times} × ${says}`).join("");
  return `${made.size} made, ${refused} refused, ${failed} failed, ${killed} killed, ${looks} looks, ${blind} blind${kinds}`;
}

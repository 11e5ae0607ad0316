import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openRegion } from "../../provider/engine/open-region";
import { TestRun, up } from "../provider/engine/world";
import { FaultProxy } from "../support/fault-proxy";
import { withEnv } from "../support/s3-server";
import { describeTeam } from "../support/regions/region-under-test";
import { TeamRegion } from "../support/regions/team-region";
import { sharedTeamServers, type TeamServers } from "../support/regions/team-servers";
import { brokenAtRest } from "./invariants";
import { make, start } from "./start";
import type { Step } from "./worker";

const MIB = 2 ** 20;
const SIZE = 120 * MIB;

/** The largest share of the disk that the next run has to send: what was on its way is lost. */
const MOST_AGAIN = SIZE * 0.75;

describeTeam("a creation that is cut off in the midst of its upload", function () {
  this.timeout(300_000);
  let servers: TeamServers;
  let folder: string;
  let file: string;
  let region: TeamRegion;
  before(async () => {
    servers = await sharedTeamServers();
    folder = await mkdtemp(join(tmpdir(), "images-cut-off-"));
    await writeFile((file = join(folder, "disk.raw")), randomBytes(SIZE));
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    const accounts = "[{ name: default }, { name: other }]";
    region = await TeamRegion.make(servers, `region: local\naccounts: ${accounts}\n`);
  });
  afterEach(() => region.remove());

  /** Returns how many bytes went through it. */
  async function behindProxy(work: (proxy: FaultProxy) => Promise<void>): Promise<number> {
    const proxy = await FaultProxy.before(servers.s3.endpoint, () => "pass");
    try {
      await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, () => work(proxy));
      return proxy.sentBytes;
    } finally {
      await proxy.close();
    }
  }

  /** What the next run has to send. */
  const sentByNextRun = (step: Step) => behindProxy(async () => void (await make(region, step)));

  async function killedIn(step: Step): Promise<void> {
    const child = new AbortController();
    await behindProxy(async (proxy) => {
      proxy.onSent = (bytes) => {
        if (bytes < SIZE / 2) return;
        proxy.stall();
        child.abort();
      };
      const { killed } = await start(region, { steps: [step] }, undefined, child.signal);
      expect(killed).to.equal(true);
    });
  }

  async function expectWhole(content: string): Promise<void> {
    const bytes = await readFile(file);
    await region.withContent(content, undefined, async (path) => {
      expect((await readFile(path)).subarray(0, SIZE).equals(bytes)).to.equal(true);
    });
    expect(await brokenAtRest(region)).to.deep.equal([]);
  }

  it("by a kill, goes on where it was in the next run, and leaves no upload", async () => {
    const step: Step = { operation: "instanceOfFile", name: "vm", of: file };
    await killedIn(step);
    expect(await sentByNextRun(step)).to.be.lessThan(MOST_AGAIN);
    const catalog = await region.openCatalog();
    const { instances } = await catalog.snapshot();
    await catalog.close();
    expect(instances).to.have.length(1);
    await expectWhole(instances[0]!.systemDisk.id);
  });

  it("by a kill, is cleared away by the account's runs a day later", async () => {
    await killedIn({ operation: "instanceOfFile", name: "vm", of: file });
    await start(region, { steps: [{ operation: "tidy", name: "" }] });
    expect((await region.leftOver()).join()).to.match(/upload of/);
    await region.query("update images.contents set cut_off_at = cut_off_at - interval '1 day'");
    await start(region, { steps: [{ operation: "tidy", name: "" }] });
    expect(await region.leftOver()).to.deep.equal([]);
  });

  it("by its time limit, goes on where it was in the next run, and leaves no upload", async () => {
    const create = async (timeouts?: { create: string }) => {
      const engine = await openRegion({ endpoint: region.endpoint });
      try {
        const run = new TestRun(engine, {});
        const request = { imageFile: file, imageType: "data" } as const;
        return await up(engine.images, run.image("data", undefined, request, { timeouts }));
      } finally {
        await engine.close();
      }
    };
    // As long as it takes for half of it to be sent, after which nothing moves.
    let isHalf = false;
    for (let seconds = 3; !isHalf; seconds *= 2) {
      await behindProxy(async (proxy) => {
        proxy.onSent = (bytes) => {
          if (isHalf || bytes < SIZE / 2) return;
          isHalf = true;
          proxy.stall();
        };
        const error = await create({ create: `${seconds}s` }).catch((each: Error) => each);
        expect(String(error)).to.contain(`timeouts.create allows ${seconds}s`);
      });
    }
    const catalog = await region.openCatalog();
    expect((await catalog.snapshot()).images.filter(({ account }) => account === "default")).to.deep.equal(
      [],
    );
    await catalog.close();
    let content = "";
    const again = await behindProxy(async () => {
      content = (await create()).deviceMappings[0]!.id;
    });
    expect(again).to.be.lessThan(MOST_AGAIN);
    await expectWhole(content);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_SETTINGS } from "../provider/engine/catalog/catalog-settings";
import type { CatalogSettings } from "../provider/engine/catalog/catalog-settings";
import type { New } from "../provider/engine/catalog/catalog";
import { SqliteCatalog } from "../provider/engine/catalog/sqlite-catalog";
import { MemoryDiskStore } from "../provider/engine/disks/memory-disk-store";
import { createImageEngine } from "../provider/engine/image-engine";
import { MemoryKeyService } from "../provider/engine/keys/memory-key-service";
import type { ImageRecord, InstanceRecord } from "../provider/engine/model";
import { openRegion } from "../provider/engine/open-region";
import type { ImageEngine } from "../provider/engine/engine";
import type { Figure } from "./figure";
import { imageCreator } from "./image-creator";
import { atLeast, figure, median, seconds } from "./figure";
import type { Creator } from "./processes";
import { AT_ONCE, createWhenTold, creationsPerSecond } from "./processes";

const IMAGES = 10_000;
const MANY = 100_000;
const FEW = 100;
const TAGGED = 100;
const ROUNDS = 15;

const PLACE = { region: "local", account: "default" };
const ROOM = 1_000_000;
const QUOTAS = { privateImages: ROOM, snapshots: ROOM, membersPerImage: 5, acceptedShares: 5 };
const SETTINGS: CatalogSettings = {
  ...DEFAULT_SETTINGS,
  regions: [{ name: PLACE.region, accounts: [{ name: PLACE.account, quotas: QUOTAS }] }],
};

/** The catalogue of an embedded region: with many images, and with places taken from several processes. */
export async function catalog(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "images-bench-"));
  try {
    return [
      await listing(folder),
      ...(await previews(folder)),
      await creating(folder, "engine"),
      await creating(folder, "transaction"),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listing(folder: string): Promise<Figure> {
  const endpoint = await filled(join(folder, "listed"), IMAGES, [PLACE.account]);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const took = await opened(endpoint, async ({ lookups }) => {
      const found = await lookups.images({ tags: { set: String(round) } });
      if (found.length !== TAGGED) throw new Error(`${found.length} images found`);
    });
    rounds.push(took * 1000);
  }
  return figure(
    "10,000 images listed with a tag filter",
    20,
    median(rounds),
    "ms",
    `${TAGGED} of them match; opening the region included; median of ${ROUNDS}`,
  );
}

/**
 * A preview of one image where there are many, of others and all the account's own, against one where there are few and
 * the operator's file is the same: reading that takes as long as it has accounts.
 */
async function previews(folder: string): Promise<Figure[]> {
  const others = Array.from({ length: MANY / FEW - 1 }, (_, index) => `team-${index}`);
  const figures: Figure[] = [];
  for (const accounts of [[PLACE.account, ...others], [PLACE.account]]) {
    const few = await filled(join(folder, `few-${accounts.length}`), FEW, accounts);
    const many = await filled(join(folder, `many-${accounts.length}`), MANY, accounts);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Neither is always the second.
      const first = await opened(round % 2 === 0 ? many : few, preview);
      const second = await opened(round % 2 === 0 ? few : many, preview);
      ratios.push(round % 2 === 0 ? first / second : second / first);
    }
    const whose = accounts.length === 1 ? "one account" : `${accounts.length} accounts`;
    const work = `preview of one image, of ${MANY.toLocaleString("en")} images of ${whose}, against one with ${FEW} in all`;
    figures.push(figure(work, 1.2, median(ratios), "×", `opening the region included; median of ${ROUNDS}`));
  }
  return figures;
}

/** An embedded region with so many images, each account's as many, and an instance that the first one owns. */
async function filled(endpoint: string, images: number, accounts: readonly string[]): Promise<string> {
  mkdirSync(endpoint);
  const catalog = new SqliteCatalog(join(endpoint, "catalog.db"), SETTINGS);
  const listed = accounts.map((name) => `{ name: ${name} }`).join(", ");
  writeFileSync(
    join(endpoint, "region.yaml"),
    `quotas: { privateImages: ${ROOM}, snapshots: ${ROOM} }\naccounts: [${listed}]\n`,
  );
  await catalog.transaction((tx) => tx.insert("instance", BUILDER));
  for (let index = 0; index < images; index += 500) {
    await catalog.transaction(async (tx) => {
      for (let next = index; next < Math.min(index + 500, images); next++) {
        const account = accounts[next % accounts.length]!;
        await tx.insert("image", { ...newImage(`img-${next}`, next), account });
      }
    });
  }
  await catalog.close();
  return endpoint;
}

/** Seconds for opening the region and the work. */
async function opened(endpoint: string, work: (engine: ImageEngine) => Promise<void>): Promise<number> {
  let engine: ImageEngine | undefined;
  const took = await seconds(async () => {
    engine = await openRegion({ endpoint });
    await work(engine);
  });
  await engine!.close();
  return took;
}

async function preview({ images }: ImageEngine): Promise<void> {
  const { violations } = await images.check({ declaration: declare("new"), instance: { id: BUILDER.id } });
  if (violations.length > 0) throw new Error(violations[0]!.reason);
}

const BUILDER: New<InstanceRecord> = {
  ...{ id: "i-1", ...PLACE, name: "builder", status: "running", architecture: "cloudDisk", encrypted: false },
  systemDisk: { id: "disk-of-builder", device: "/dev/vda", size: 20 },
  ...{ dataDisks: [], tags: {}, os: { osType: "linux" }, lineage: [] },
  source: { type: "image", id: "img-pub-ubuntu-16-04" },
};

function newImage(id: string, index: number): Omit<ImageRecord, "createdAt" | "sequence"> {
  return {
    ...{ id, ...PLACE, name: id, visibility: "private", description: "", imageType: "system" },
    ...{ architectures: ["cloudDisk"], status: "active", os: { osType: "linux" }, minDisk: 20 },
    tags: { set: String(index % (IMAGES / TAGGED)), stage: index % 2 ? "test" : "prod" },
    ...{ nicMultiqueue: false, sriovDriver: false, encrypted: false },
    deviceMappings: [{ device: "/dev/vda", kind: "snapshot", id: `snap-${id}`, size: 20 }],
    lineage: [{ type: "instance", id: "i-1", name: "builder" }],
    source: { type: "instance", id: "i-1" },
  };
}

/**
 * `engine`: whole creations of images, both durable transactions and every rule, with disks in memory. `transaction`:
 * the quota counted and a record inserted, durably.
 */
async function creating(folder: string, what: "engine" | "transaction"): Promise<Figure> {
  const file = join(folder, what, "catalog.db");
  // The schema is made before the processes begin.
  const setup = new SqliteCatalog(file, SETTINGS);
  await setup.transaction(async () => undefined);
  await setup.close();
  const rate = await creationsPerSecond(__filename, what, file);
  return atLeast(
    what === "engine"
      ? "images created, whole, from 8 processes"
      : "places taken in the catalogue from 8 processes",
    1500,
    rate,
    "/s",
    what === "engine"
      ? `check and create with every rule, durable, disks in memory; ${AT_ONCE} at once in each process`
      : `quota counted, record inserted, durable; ${AT_ONCE} at once in each process`,
  );
}

function engineOn(file: string): ImageEngine {
  const disks = new MemoryDiskStore((id) =>
    id.startsWith("public:") ? { virtualBytes: 20 * 2 ** 30 } : undefined,
  );
  return createImageEngine(new SqliteCatalog(file, SETTINGS), disks, new MemoryKeyService());
}

function declare(name: string) {
  return { declaredBy: `urn:pulumi:dev::bench::images::${name}`, creationToken: name, ...PLACE };
}

/** Each process has a source of its own, as disks in memory are. */
function engineWorker(file: string, index: string): Promise<Creator> {
  return imageCreator(engineOn(file), declare, `builder-${index}`);
}

function transactionWorker(file: string): Creator {
  const places = new SqliteCatalog(file, SETTINGS);
  return {
    create: (name) =>
      places.transaction(async (tx) => {
        if ((await tx.privateImageCount(PLACE.region, PLACE.account)) >= ROOM)
          throw new Error("no place left");
        await tx.insert("image", newImage(`img-${name}`, 0));
      }),
    close: () => places.close(),
  };
}

async function work([what, file, index]: string[]): Promise<void> {
  const creator = what === "engine" ? await engineWorker(file!, index!) : transactionWorker(file!);
  await createWhenTold(creator, index!);
}

if (require.main === module) void work(process.argv.slice(2));

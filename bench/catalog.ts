import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_SETTINGS } from "../provider/engine/catalog/catalog-settings";
import type { CatalogSettings } from "../provider/engine/catalog/catalog-settings";
import { SqliteCatalog } from "../provider/engine/catalog/sqlite-catalog";
import { MemoryDiskStore } from "../provider/engine/disks/memory-disk-store";
import { createImageEngine } from "../provider/engine/image-engine";
import { MemoryKeyService } from "../provider/engine/keys/memory-key-service";
import type { ImageRecord } from "../provider/engine/model";
import { openRegion } from "../provider/engine/open-region";
import type { ImageEngine } from "../provider/engine/engine";
import type { Figure } from "./figure";
import { imageCreator } from "./image-creator";
import { atLeast, figure, median, seconds } from "./figure";
import type { Creator } from "./processes";
import { AT_ONCE, createWhenTold, creationsPerSecond } from "./processes";

const IMAGES = 10_000;
const TAGGED = 100;
const ROUNDS = 7;

const PLACE = { region: "local", account: "default" };
const ROOM = 1_000_000;
const QUOTAS = { privateImages: ROOM, snapshots: ROOM, membersPerImage: 5, acceptedShares: 5 };
const SETTINGS: CatalogSettings = {
  ...DEFAULT_SETTINGS,
  regions: [{ name: PLACE.region, accounts: [{ name: PLACE.account, quotas: QUOTAS }] }],
};

/** The catalogue of an embedded region: listing many images, and taking places from several processes. */
export async function catalog(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "images-bench-"));
  try {
    return [await listing(folder), await creating(folder, "engine"), await creating(folder, "transaction")];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listing(folder: string): Promise<Figure> {
  const endpoint = join(folder, "listed");
  const filled = new SqliteCatalog(join(endpoint, "catalog.db"), SETTINGS);
  for (let index = 0; index < IMAGES; index += 500) {
    await filled.transaction(async (tx) => {
      for (let next = index; next < index + 500; next++)
        await tx.insert("image", newImage(`img-${next}`, next));
    });
  }
  await filled.close();
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let engine: ImageEngine | undefined;
    const took = await seconds(async () => {
      engine = await openRegion({ endpoint });
      const found = await engine.lookups.images({ tags: { set: String(round) } });
      if (found.length !== TAGGED) throw new Error(`${found.length} images found`);
    });
    await engine!.close();
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

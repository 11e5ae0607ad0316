import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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
import { atLeast, figure, median, seconds } from "./figure";

const IMAGES = 10_000;
const TAGGED = 100;
const ROUNDS = 7;

const PROCESSES = 8;
const CREATES = 400;
/** As many steps as an `up` has at work at the same time. */
const AT_ONCE = 16;

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
      for (let next = index; next < index + 500; next++) await tx.insertImage(newImage(`img-${next}`, next));
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
  const workers = Array.from({ length: PROCESSES }, (_, index) =>
    spawn(process.execPath, [__filename, what, file, String(index)], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const lines = workers.map((worker) => createInterface(worker.stdout!)[Symbol.asyncIterator]());
  for (const line of lines) await line.next();
  const took = await seconds(async () => {
    for (const worker of workers) worker.stdin!.write("go\n");
    await Promise.all(lines.map((line) => line.next()));
  });
  await Promise.all(workers.map(ended));
  return atLeast(
    what === "engine"
      ? "images created, whole, from 8 processes"
      : "places taken in the catalogue from 8 processes",
    1500,
    (PROCESSES * CREATES) / took,
    "/s",
    what === "engine"
      ? `check and create with every rule, durable, disks in memory; ${AT_ONCE} at once in each process`
      : `quota counted, record inserted, durable; ${AT_ONCE} at once in each process`,
  );
}

async function ended(worker: ChildProcess): Promise<void> {
  worker.stdin!.end();
  const code = worker.exitCode ?? ((await once(worker, "exit"))[0] as number);
  if (code !== 0) throw new Error(`a worker ended with exit code ${code}`);
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

/** One of the processes: says that it is ready, waits to be told, creates, and says that it is done. */
async function work([what, file, index]: string[]): Promise<void> {
  const worker = what === "engine" ? await engineWorker(file!, index!) : transactionWorker(file!);
  await worker.create(`warm-up-${index}`);
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < CREATES) await worker.create(`${index}-${next++}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  process.stdout.write("done\n");
  await worker.close();
}

interface Worker {
  create(name: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Each process has a source of its own, as disks in memory are. */
async function engineWorker(file: string, index: string): Promise<Worker> {
  const engine = engineOn(file);
  const { id } = await engine.instances.create({
    declaration: declare(`builder-${index}`),
    image: { id: "img-pub-ubuntu-16-04" },
    systemDisk: { type: "cloudDisk" },
  });
  return {
    create: async (name) => {
      const request = { declaration: declare(name), instance: { id } };
      const { violations } = await engine.images.check(request);
      if (violations.length > 0) throw new Error(violations[0]!.reason);
      await engine.images.create(request);
    },
    close: () => engine.close(),
  };
}

function transactionWorker(file: string): Worker {
  const places = new SqliteCatalog(file, SETTINGS);
  return {
    create: (name) =>
      places.transaction(async (tx) => {
        if ((await tx.privateImageCount(PLACE.region, PLACE.account)) >= ROOM)
          throw new Error("no place left");
        await tx.insertImage(newImage(`img-${name}`, 0));
      }),
    close: () => places.close(),
  };
}

if (require.main === module) void work(process.argv.slice(2));

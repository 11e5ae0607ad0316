import { setTimeout as wait } from "node:timers/promises";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../../../provider/engine/catalog/postgres-catalog";
import { newImage } from "../records";

/** What a process of its own does with a catalogue, for tests that need several. Answers in one line of JSON. */
const tasks: Record<string, (endpoint: string, ...args: string[]) => Promise<unknown>> = {
  /** So many clients, which all try to take a place in a quota at once, whatever they see of it. */
  async take(endpoint, clients) {
    const outcomes = await Promise.all(
      Array.from({ length: Number(clients) }, async (_, index) => {
        const catalog = await open(endpoint);
        try {
          return await catalog.transaction(async (tx) => {
            const { privateImages } = catalog.regions[0]!.accounts[0]!.quotas;
            if ((await tx.privateImageCount("local", "default")) >= privateImages) return 0;
            await tx.insert("image", newImage(`img-${process.pid}-${index}`));
            return 1;
          });
        } finally {
          await catalog.close();
        }
      }),
    );
    return outcomes.reduce<number>((sum, taken) => sum + taken, 0);
  },

  /** Takes a place in a transaction that never ends, and holds all locks of it. */
  async hold(endpoint, id) {
    const catalog = await open(endpoint);
    await catalog.transaction(async (tx) => {
      await tx.insert("image", newImage(id!));
      process.stdout.write(`"holding"\n`);
      await wait(3_600_000);
    });
    return undefined;
  },
};

async function open(endpoint: string): Promise<PostgresCatalog> {
  const database = new PostgresDatabase(endpoint, {
    connections: 1,
    timeouts: { idleInTransaction: 2_000 },
  });
  return new PostgresCatalog(database, await readSettings(database));
}

async function main([endpoint, task, ...args]: string[]): Promise<void> {
  process.stdout.write(`${JSON.stringify(await tasks[task!]!(endpoint!, ...args))}\n`);
}

if (require.main === module) void main(process.argv.slice(2));

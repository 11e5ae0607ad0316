import { setImmediate as nextTurn } from "node:timers/promises";
import type { Kysely } from "kysely";
import { runStatement } from "./statement";
import type { Tables } from "./tables";

/** Keeps the time short for which other processes wait for the lock. */
const LARGEST_GROUP = 64;

interface Job {
  work(tx: Kysely<Tables>): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * Runs transactions one after the other; those that queue while others run share their commit, each in a savepoint of
 * its own. A commit makes the whole process wait for the disk: so what comes meanwhile is let in before one is made.
 * A transaction is answered only when its commit is on disk.
 */
export class GroupCommit {
  private waiting: Job[] = [];
  private running = false;
  constructor(private readonly open: () => Promise<Kysely<Tables>>) {}

  run<T>(work: (tx: Kysely<Tables>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, resolve: resolve as Job["resolve"], reject });
      if (!this.running) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0, LARGEST_GROUP));
    this.running = false;
  }

  private async commit(group: Job[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      const db = await this.open();
      await db.transaction().execute(async (tx) => {
        for (const job of group) {
          answers.push(await attempt(tx, job));
          if (answers.length < group.length) continue;
          await nextTurn();
          group.push(...this.waiting.splice(0, LARGEST_GROUP - group.length));
        }
      });
    } catch (error) {
      for (const job of group) job.reject(error);
      return;
    }
    for (const answer of answers) answer();
  }
}

async function attempt(tx: Kysely<Tables>, job: Job): Promise<() => void> {
  await runStatement(tx, "savepoint job");
  try {
    const result = await job.work(tx);
    await runStatement(tx, "release job");
    return () => job.resolve(result);
  } catch (error) {
    // Where SQLite has given up the whole transaction there is no savepoint to go back to: the group fails.
    await runStatement(tx, "rollback to job").catch(() => {
      throw error;
    });
    await runStatement(tx, "release job");
    return () => job.reject(error);
  }
}

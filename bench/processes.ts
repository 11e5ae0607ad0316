import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { seconds } from "./figure";

export const PROCESSES = 8;
const CREATES = 400;
/** As many steps as an `up` has at work at the same time. */
export const AT_ONCE = 16;

/** What each of the processes does. */
export interface Creator {
  create(name: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Creations a second of all processes together: each runs a file that calls `createWhenTold`, its number the last argument. */
export async function creationsPerSecond(file: string, ...args: string[]): Promise<number> {
  const workers = Array.from({ length: PROCESSES }, (_, index) =>
    spawn(process.execPath, [file, ...args, String(index)], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const lines = workers.map((worker) => createInterface(worker.stdout!)[Symbol.asyncIterator]());
  for (const line of lines) await line.next();
  const took = await seconds(async () => {
    for (const worker of workers) worker.stdin!.write("go\n");
    await Promise.all(lines.map((line) => line.next()));
  });
  await Promise.all(workers.map(ended));
  return (PROCESSES * CREATES) / took;
}

/** One of the processes: says that it is ready, waits to be told, creates, and says that it is done. */
export async function createWhenTold(creator: Creator, index: string): Promise<void> {
  await creator.create(`warm-up-${index}`);
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < CREATES) await creator.create(`${index}-${next++}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  process.stdout.write("done\n");
  await creator.close();
}

async function ended(worker: ChildProcess): Promise<void> {
  worker.stdin!.end();
  const code = worker.exitCode ?? ((await once(worker, "exit"))[0] as number);
  if (code !== 0) throw new Error(`a worker ended with exit code ${code}`);
}

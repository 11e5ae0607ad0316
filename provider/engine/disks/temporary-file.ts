import { createHash } from "node:crypto";
import { renameSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, thisProcess } from "../catalog/process-mark";
import { syncFolder } from "./sync-folder";

const NAME = /^\.(?<pid>\d+)-(?<startedAt>\d*)-(?<host>[0-9a-f]{8})-\d+\.tmp$/;

let made = 0;

/** Path beside the final one for a file that isn't whole yet; its name tells which process writes it. */
export function temporaryPath(folder: string): string {
  const { pid, startedAt = "", host } = thisProcess();
  return join(folder, `.${pid}-${startedAt}-${shortHash(host)}-${++made}.tmp`);
}

/** Gives a whole, synced temporary file its final name, durably. */
export async function publish(temporary: string, final: string, folder: FolderSync): Promise<void> {
  renameSync(temporary, final);
  await folder.sync();
}

/** Removes what processes that have died left half-written. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const path of await findLeftovers(folder)) {
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Paths of what processes that have died left half-written; none in a folder that isn't there. */
export async function findLeftovers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder).catch(ignoreAbsent)) {
    const writer = NAME.exec(name)?.groups;
    if (!writer) continue;
    const own = thisProcess();
    const mark = {
      pid: Number(writer.pid),
      startedAt: writer.startedAt || undefined,
      host: writer.host === shortHash(own.host) ? own.host : "",
    };
    const path = join(folder, name);
    // A copy in progress keeps writing: of another host's process, the file's own time is the heartbeat.
    const file = await stat(path).catch(() => undefined);
    if (file && !isAlive(mark, file.mtimeMs)) found.push(path);
  }
  return found;
}

function ignoreAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code !== "ENOENT") throw error;
  return [];
}

/** Makes a folder's names durable; those who ask while one sync runs share the next. */
export class FolderSync {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  constructor(private readonly folder: string) {}

  sync(): Promise<void> {
    if (!this.running) return this.start();
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.start();
      });
    return this.next;
  }

  private start(): Promise<void> {
    this.running = syncFolder(this.folder).finally(() => (this.running = undefined));
    return this.running;
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

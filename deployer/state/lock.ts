import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { fileError, UserError } from "../user-error";

/** A lock file: the CLI's fields, then ours, which it ignores. */
interface LockContent {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
  program?: "images";
  /** Boot of the machine, process namespace and start of the process, where the system tells them. */
  process?: { boot: string; namespace: string; start: string };
}

export interface Lock {
  /** Locks of dead processes that were taken over, in words. */
  readonly takenOver: string[];
  release(): Promise<void>;
}

/** Locks a stack as the CLI does: a file of one's own, and no other's beside it. Throws where another one stands, saying whose. */
export async function takeLock(folder: string, stack: string): Promise<Lock> {
  const file = join(folder, `${randomUUID()}.json`);
  try {
    const takenOver = await removeStale(folder, stack);
    await mkdir(folder, { recursive: true });
    await writeFile(file, JSON.stringify(ownContent()));
    await refuseOthers(folder, stack, file);
    return { takenOver, release: () => rm(file, { force: true }) };
  } catch (error) {
    await rm(file, { force: true }).catch(() => {});
    throw fileError(`Locking stack ${stack} in ${folder}`, error);
  }
}

/** Another process is at work on the stack, as far as can be told. */
export async function isLocked(folder: string): Promise<boolean> {
  return (await readLocks(folder)).some(({ content }) => !isStale(content));
}

async function removeStale(folder: string, stack: string): Promise<string[]> {
  const takenOver: string[] = [];
  for (const { file, content } of await readLocks(folder)) {
    if (!isStale(content)) throw lockedBy(stack, file, content);
    await rm(file, { force: true });
    takenOver.push(
      `Took over the lock of process ${content!.pid}, started ${content!.timestamp}, which has ended without releasing it.`,
    );
  }
  return takenOver;
}

async function refuseOthers(folder: string, stack: string, own: string): Promise<void> {
  for (const { file, content } of await readLocks(folder)) {
    if (file !== own) throw lockedBy(stack, file, content);
  }
}

function lockedBy(stack: string, file: string, content: LockContent | undefined): UserError {
  const who = content
    ? `by process ${content.pid} of ${content.username} on ${content.hostname}, since ${content.timestamp}`
    : "by a lock file that can't be read";
  return new UserError(
    `Stack ${stack} is locked ${who}. Wait for it to end; if you are sure that it runs no more, remove ${file}`,
  );
}

async function readLocks(folder: string): Promise<{ file: string; content?: LockContent }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
  return Promise.all(files.map(async (file) => ({ file, content: await readContent(file) })));
}

async function readContent(file: string): Promise<LockContent | undefined> {
  try {
    const content = JSON.parse(await readFile(file, "utf8")) as LockContent;
    return typeof content.pid === "number" ? content : undefined;
  } catch {
    return undefined;
  }
}

function ownContent(): LockContent {
  return {
    pid: process.pid,
    username: userName(),
    hostname: hostname(),
    timestamp: new Date().toISOString(),
    program: "images",
    process: identify(process.pid),
  };
}

/**
 * Certain death only: a lock of ours, made on this host, whose process is gone. A process of another container or a
 * lock of the CLI's can't be judged from here.
 */
function isStale(lock: LockContent | undefined): boolean {
  if (lock?.program !== "images" || lock.hostname !== hostname()) return false;
  const here = identify(process.pid);
  if (lock.process && here && lock.process.boot !== here.boot) return true;
  if (lock.process && here && lock.process.namespace !== here.namespace) return false;
  if (!exists(lock.pid)) return true;
  const now = identify(lock.pid);
  return lock.process !== undefined && now !== undefined && now.start !== lock.process.start;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** A process ID alone is used again sooner or later. Undefined where there is no /proc, or no such process. */
function identify(pid: number): LockContent["process"] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return {
      boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      namespace: readlinkSync("/proc/self/ns/pid"),
      start: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "",
    };
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

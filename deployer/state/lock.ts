import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { fileError, UserError } from "../user-error";
import { removeLeftovers, writeFileAtomically } from "./atomic-file";

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
  /** Throws where the lock file has been taken away meanwhile. */
  requireHeld(): void;
  release(): Promise<void>;
}

/** Locks a stack as the CLI does: a file of one's own, and no other's beside it. Throws where another one stands, saying whose. */
export async function takeLock(folder: string, stack: string): Promise<Lock> {
  const file = join(folder, `${randomUUID()}.json`);
  try {
    const takenOver = await removeStale(folder, stack);
    await writeFileAtomically(file, JSON.stringify(ownContent()));
    await refuseOthers(folder, stack, file);
    await removeLeftovers(folder);
    return {
      takenOver,
      requireHeld: () => {
        if (!existsSync(file)) throw lockGone(stack, file);
      },
      release: () => rm(file, { force: true }),
    };
  } catch (error) {
    await rm(file, { force: true }).catch(() => {});
    // One who holds the lock has cleared away what was about to become this one.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") await refuseOthers(folder, stack, file);
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

function lockGone(stack: string, file: string): UserError {
  return new UserError(
    `The lock of stack ${stack}, ${file}, was taken away while this run was at work (\`pulumi cancel\` does that): another run may be ` +
      "changing the stack, so that this one does nothing further and doesn't save the state. What it has done is in its journal, which the next run takes up.",
  );
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
  const locks = await Promise.all(files.map(async (file) => ({ file, content: await readContent(file) })));
  // One that has been released between the listing and the reading is none.
  return locks.filter(({ content }) => content !== "gone") as { file: string; content?: LockContent }[];
}

async function readContent(file: string): Promise<LockContent | "gone" | undefined> {
  try {
    const content = JSON.parse(await readFile(file, "utf8")) as LockContent;
    return typeof content.pid === "number" ? content : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
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

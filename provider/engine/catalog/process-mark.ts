import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Names one process for as long as anything may ask whether it still lives. */
export interface ProcessMark {
  pid: number;
  /** Host name and, where there are such, the namespace that the pid counts in. */
  host: string;
  /** Start of the process in the system's own count; tells a reused pid. Absent where the system doesn't show it. */
  startedAt?: string;
}

/** A process of another host is taken for dead when its heartbeat is older than this. */
export const HEARTBEAT_EXPIRES_MS = 60_000;

let own: ProcessMark | undefined;

export function thisProcess(): ProcessMark {
  return (own ??= markOf(process.pid));
}

/** The mark of a process of this host. */
export function markOf(pid: number): ProcessMark {
  return { pid, host: hostKey(), startedAt: statusOf(pid)?.startedAt };
}

/** `heartbeatAt` in milliseconds since the epoch; it decides only for processes of other hosts. */
export function isAlive(mark: ProcessMark, heartbeatAt: number, now = Date.now()): boolean {
  const self = thisProcess();
  if (mark.host !== self.host) return now - heartbeatAt <= HEARTBEAT_EXPIRES_MS;
  if (mark.pid === self.pid) return mark.startedAt === self.startedAt;
  const status = statusOf(mark.pid);
  if (status) {
    return !status.ended && (mark.startedAt === undefined || mark.startedAt === status.startedAt);
  }
  // No /proc entry: on systems with /proc, marks carry a start time and the process is gone.
  return mark.startedAt === undefined && answersSignals(mark.pid);
}

function hostKey(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** Linux: /proc/PID/stat. The command's name, in parentheses, may hold spaces: fields are counted after it. */
function statusOf(pid: number): { ended: boolean; startedAt: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { ended: fields[0] === "Z" || fields[0] === "X", startedAt: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

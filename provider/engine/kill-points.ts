/** Moments at which a death would leave the most behind: between two writes that belong together. */
export type KillPoint =
  /** A record has its place in the catalogue, and nothing of its content is there. */
  | "placed"
  /** A content is written whole, and has no name yet. */
  | "content-written"
  /** A content has its name. */
  | "content-named"
  /** All contents of a record are there, and the catalogue doesn't know. */
  | "filled"
  /** The catalogue knows, and whoever asked doesn't. */
  | "finished"
  /** A record is gone, and its contents are still there. */
  | "deleted"
  /** One content of a record that is gone is removed. */
  | "content-removed"
  /** One data key of several is wrapped by a master key's new version. */
  | "data-key-rewrapped";

/** Where a process is to die, for tests of crashes: `filled`, or `content-named#2` for the second time. */
const VARIABLE = "PULUMI_PRIVATE_IMAGES_KILL_AT";

const [killAt, time] = process.env[VARIABLE]?.split("#") ?? [];

/** How often this process has got to each point. */
export const reached = new Map<KillPoint, number>();

/** Kills this process as by `kill -9` where a test asks for it; else only counts. */
export function killPoint(point: KillPoint): void {
  const times = (reached.get(point) ?? 0) + 1;
  reached.set(point, times);
  if (point === killAt && times === Number(time ?? "1")) process.kill(process.pid, "SIGKILL");
}

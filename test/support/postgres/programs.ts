import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const LEAST_VERSION = 15;

/** Folder of initdb and postgres, in the highest version that there is. */
export function findPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const packaged = versions
    .filter((version) => version >= LEAST_VERSION)
    .sort((a, b) => b - a)
    .map((version) => path.join(debian, String(version), "bin"));
  const onPath = (process.env.PATH ?? "").split(path.delimiter);
  return [...packaged, ...onPath].find((folder) => folder && existsSync(path.join(folder, "initdb")));
}

export function programPath(name: string): string {
  return path.join(findPrograms()!, name);
}

/** Whom PostgreSQL's programs run as: they refuse root. */
export function identity(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((option) => {
      const found = spawnSync("id", [option, user], { encoding: "utf8" });
      return found.status === 0 ? Number(found.stdout) : undefined;
    });
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error("PostgreSQL doesn't run as root, and there is no user postgres or nobody.");
}

/** Gives a file to whom PostgreSQL's programs run as. */
export async function own(file: string): Promise<void> {
  const user = identity();
  if (user) await chown(file, user.uid, user.gid);
}

/** For a server. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "images-postgres-"));
  await own(folder);
  return folder;
}

/** Where a server's folder has its data. */
export function dataIn(folder: string): string {
  return path.join(folder, "data");
}

/** Runs one of PostgreSQL's programs to its end. */
export async function execute(program: string, args: string[], cwd: string): Promise<void> {
  await promisify(execFile)(programPath(program), args, { ...identity(), cwd });
}

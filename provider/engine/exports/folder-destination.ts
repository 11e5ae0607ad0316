import { link, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explainFileError } from "../disks/file-error";
import { sparseCopy } from "../disks/sparse-copy";
import type { Watch } from "../disks/disk-store";
import { syncFolder } from "../disks/sync-folder";
import { removeLeftovers, temporaryPath } from "../disks/temporary-file";
import { Fault } from "../violation";
import { isSame, judged } from "./destination";
import type { Destination, ObjectFacts, StoredObject } from "./destination";
import { fileChecksum } from "./file-checksum";

/** Files in a folder, which is made at the first write. */
export class FolderDestination implements Destination {
  readonly described: string;

  constructor(private readonly folder: string) {
    this.described = `the folder ${folder}`;
  }

  /** What is in the way is told when it is made. */
  async probe(): Promise<void> {}

  stat(name: string, sizeBytes?: number): Promise<StoredObject | undefined> {
    return this.attempt(`Looking at ${name} in ${this.described}`, () => this.look(name, sizeBytes));
  }

  put(file: { path: string } & ObjectFacts, name: string, watch: Watch = {}) {
    const { progress, signal } = watch;
    const doing = `Writing ${name} to ${this.described}`;
    const write = async () => {
      await this.prepare();
      const before = judged(await this.look(name, file.sizeBytes, signal), file);
      if (before) return before;
      const final = join(this.folder, name);
      await syncFile(file.path);
      // On the same file system the file only gets a second name; the caller removes the first.
      const outcome = (await linkNew(file.path, final)) ?? (await this.copyTo(final, file, watch));
      if (outcome === "exists") return judged(await this.look(name, file.sizeBytes, signal), file) ?? "taken";
      await syncFolder(this.folder);
      progress?.(file.sizeBytes, file.sizeBytes);
      return "written";
    };
    return this.attempt(doing, write, signal);
  }

  remove(name: string, facts: ObjectFacts) {
    return this.attempt(`Removing ${name} from ${this.described}`, async () => {
      const found = await this.look(name, facts.sizeBytes);
      if (!found) return "gone";
      if (!isSame(found, facts)) return "changed";
      await unlink(join(this.folder, name));
      await syncFolder(this.folder);
      return "removed";
    });
  }

  async close(): Promise<void> {}

  private async look(
    name: string,
    sizeBytes?: number,
    signal?: AbortSignal,
  ): Promise<StoredObject | undefined> {
    const path = join(this.folder, name);
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (!found) return undefined;
    const { size } = found;
    if (!found.isFile() || (sizeBytes !== undefined && size !== sizeBytes)) return { sizeBytes: size };
    return { sizeBytes: size, checksum: await fileChecksum(path, signal) };
  }

  private async copyTo(
    final: string,
    { path, sizeBytes, checksum }: { path: string } & ObjectFacts,
    watch: Watch,
  ): Promise<"named" | "exists"> {
    const temporary = temporaryPath(this.folder);
    try {
      const source = await open(path, "r");
      const target = await open(temporary, "wx");
      try {
        await target.truncate(sizeBytes);
        const pieces = [{ start: 0, length: sizeBytes, file: source, offset: 0 }];
        const plan = { pieces, target, virtualBytes: sizeBytes, checksum: true, ...watch };
        const written = await sparseCopy(plan);
        if (written !== checksum) throw new Error(`${path} changed while it was copied`);
        await target.sync();
      } finally {
        await source.close();
        await target.close();
      }
      return (await linkNew(temporary, final)) ?? (await renameNew(temporary, final));
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
  }

  private async prepare(): Promise<void> {
    const made = await mkdir(this.folder, { recursive: true });
    if (made !== undefined)
      for (const folder of [dirname(this.folder), dirname(made)]) await syncFolder(folder);
    await removeLeftovers(this.folder);
  }

  private async attempt<T>(doing: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      if (Fault.is(error)) throw error;
      if (signal?.aborted) throw new Fault(doing, { cause: signal.reason });
      throw new Fault(doing, { says: explainFileError(error as Error, this.folder), cause: error });
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a file a further name, never one that is taken. Undefined where the file system can't. */
async function linkNew(path: string, final: string): Promise<"named" | "exists" | undefined> {
  try {
    await link(path, final);
    return "named";
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return "exists";
    if (["EXDEV", "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code))
      return undefined;
    throw error;
  }
}

/** For file systems without links, where nobody else can be kept from taking the name at the same moment. */
async function renameNew(temporary: string, final: string): Promise<"named" | "exists"> {
  const isFree = await stat(final).then(
    () => false,
    () => true,
  );
  if (!isFree) return "exists";
  await rename(temporary, final);
  return "named";
}

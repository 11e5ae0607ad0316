import { randomBytes } from "node:crypto";
import { FolderDiskStore } from "../../../../provider/engine/disks/folder-disk-store";

/** Imports a file in a process of its own, for tests that need another user or a limit; answers with the error's words. */
async function main([root, path, seal]: string[]): Promise<void> {
  const file = { path: path!, format: "raw", property: "diskFile" } as const;
  const options = seal ? { key: randomBytes(32) } : {};
  const answer = await new FolderDiskStore(root!).importFile(file, "d-1", options).then(
    () => "imported",
    (error: Error) => `${error.name}: ${error.message}`,
  );
  process.stdout.write(answer);
}

if (require.main === module) void main(process.argv.slice(2));

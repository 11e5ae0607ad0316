import { readdir, rm, rmdir } from "node:fs/promises";
import { fileError, UserError } from "../user-error";
import { writeFileAtomically } from "./atomic-file";
import { checkpointText, exportText, openDeployment, parseExport, writeDeployment } from "./deployment";
import type { FileStackStore } from "./file-stack-store";
import { keepBackup } from "./history";
import { checkIntegrity } from "./integrity";
import { takeLock } from "./lock";
import { PropertyFile } from "./property-file";

const EMPTY = { resources: [], pendingOperations: [] };

/** An empty stack with the salt of its secrets to come. */
export async function createStack({ options, files, project, stack }: FileStackStore): Promise<void> {
  await options.backend.check(files);
  const { salt } = await options.crypter();
  await options.backend.prepare();
  try {
    const deployment = writeDeployment(EMPTY, new PropertyFile(), salt);
    await writeFileAtomically(files.checkpoint, checkpointText(project, stack, deployment));
  } catch (error) {
    throw fileError(`Making stack ${stack} in ${files.checkpoint}`, error);
  }
}

/** What stands, a run that was cut off included, in the form that `stack import` and `pulumi stack import` take. */
export async function exportStack(
  { options, reader }: FileStackStore,
  showSecrets: boolean,
): Promise<string> {
  const { snapshot, salt } = await reader.read();
  if (showSecrets)
    return exportText(writeDeployment(snapshot, new PropertyFile(undefined, "plaintext"), salt));
  const values = salt === undefined ? new PropertyFile(await options.crypter()) : reader.valuesOf(salt);
  return exportText(writeDeployment(snapshot, values, salt ?? values.crypter?.salt));
}

/** Replaces the state by an exported one; returns how many resources it has. `source` names it in messages. */
export async function importStack(store: FileStackStore, text: string, source: string): Promise<number> {
  const file = parseExport(text, source);
  const snapshot = openDeployment(file, await store.reader.open(file.salt, file.hasSecrets));
  const prefix = `urn:pulumi:${store.stack}::${store.project}::`;
  const stranger = snapshot.resources.find(({ urn }) => !urn.startsWith(prefix));
  if (stranger) {
    throw new UserError(
      `${source} is of another stack or project: ${stranger.urn} isn't of ${store.project}/${store.stack}.`,
    );
  }
  checkIntegrity(snapshot, source);
  const session = await store.begin("import");
  await session.finish(snapshot, "succeeded");
  return snapshot.resources.length;
}

/** Removes state and history; the last checkpoint stays as `.bak`, and so do the backups. */
export async function removeStack({ files, stack }: FileStackStore): Promise<void> {
  const lock = await takeLock(files.locks, stack);
  try {
    await keepBackup(files.checkpoint);
    await rm(files.checkpoint, { force: true });
    await rm(files.journal, { force: true });
    await rm(files.history, { recursive: true, force: true });
  } catch (error) {
    throw fileError(`Removing stack ${stack}`, error);
  } finally {
    await lock.release();
  }
  if ((await readdir(files.locks)).length === 0) await rmdir(files.locks);
}

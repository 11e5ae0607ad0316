import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/**
 * The executable of a resource plugin: of the wanted version, or the newest where none is wanted, from Pulumi's plugin
 * folder; else from PATH. Undefined where it isn't installed.
 */
export function findPlugin(name: string, version: string | undefined): string | undefined {
  const file = `pulumi-resource-${name}`;
  const home = process.env["PULUMI_HOME"] ?? path.join(homedir(), ".pulumi");
  const folders = installed(path.join(home, "plugins"), name)
    .filter((it) => version === undefined || it.version === version)
    .sort((a, b) => compareVersions(b.version, a.version))
    .map((it) => it.dir);
  const search = [...folders, ...(process.env["PATH"] ?? "").split(path.delimiter).filter(Boolean)];
  return search.map((dir) => path.join(dir, file)).find(isExecutable);
}

function installed(plugins: string, name: string): { dir: string; version: string }[] {
  const prefix = `resource-${name}-v`;
  let entries: string[];
  try {
    entries = readdirSync(plugins);
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.startsWith(prefix) && /^\d/.test(entry.slice(prefix.length)))
    .filter((entry) => !entry.endsWith(".lock") && !entry.endsWith(".partial"))
    .map((entry) => ({ dir: path.join(plugins, entry), version: entry.slice(prefix.length) }));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

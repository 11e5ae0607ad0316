import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { isTruthy } from "../variables";

/**
 * The executable of a resource plugin, as the Pulumi CLI finds it: on PATH, which goes first so that one under
 * development is used; else in Pulumi's plugin folder, of the wanted version, or the newest where none is wanted.
 * Undefined where it isn't installed.
 */
export function findPlugin(
  name: string,
  version: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const home = env.PULUMI_HOME || path.join(homedir(), ".pulumi");
  const ambient = isTruthy(env.PULUMI_IGNORE_AMBIENT_PLUGINS) ? "" : (env.PATH ?? "");
  const folders = installed(path.join(home, "plugins"), name)
    .filter((it) => version === undefined || it.version === version)
    .sort((a, b) => compareVersions(b.version, a.version))
    .map((it) => it.dir);
  return [...ambient.split(path.delimiter).filter(Boolean), ...folders]
    .map((dir) => path.join(dir, `pulumi-resource-${name}`))
    .find(isExecutable);
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

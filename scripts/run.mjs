import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command with its output shown; returns its exit code. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

/** Runs a command that must succeed, else ends this process with its exit code. */
export function must(command, args, options = {}) {
  const code = run(command, args, options);
  if (code !== 0) {
    console.error(`\n${command} ${args.join(" ")} ended with exit code ${code}.`);
    process.exit(code);
  }
}

export const node = (script, ...args) => [process.execPath, [join(root, script), ...args]];

/** Installs what package-lock.json names, unless that stands already. */
export function install() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`Node 20 or later is needed; this is ${process.version}.`);
    process.exit(1);
  }
  const stamp = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  must("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

/** Compiles, when installed; what compiles is also checked for types. */
export function build() {
  must(...node("scripts/build.mjs"));
}

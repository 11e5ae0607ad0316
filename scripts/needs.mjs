// What the tests use beyond npm's packages. Installed where this may be done; else a word on how, and failure in CI.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, run } from "./run.mjs";

function isOnPath(program) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .some((folder) => folder && existsSync(join(folder, program)));
}

/** Debian keeps PostgreSQL's servers off the PATH, a folder for each version. */
export function isPostgresHere() {
  const versions = "/usr/lib/postgresql";
  return (
    isOnPath("initdb") ||
    (existsSync(versions) &&
      readdirSync(versions).some((version) => existsSync(join(versions, version, "bin", "initdb"))))
  );
}

function mayInstallPackages() {
  return process.getuid?.() === 0 && isOnPath("apt-get");
}

function installPackage(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "-qq", "--no-install-recommends", name];
  const quietly = (args) => spawnSync("apt-get", args, { env, stdio: "ignore" }).status === 0;
  // The list of packages may be missing or old.
  return quietly(install) || (quietly(["update", "-qq"]) && run("apt-get", install, { env }) === 0);
}

/** Whether a program of a Debian package can be used. `without`: what is skipped where it can't. */
export function need(program, debianPackage, without, isHere = () => isOnPath(program)) {
  if (isHere()) return true;
  if (mayInstallPackages()) {
    console.log(`Installing ${debianPackage} for ${program} …`);
    if (installPackage(debianPackage) && isHere()) return true;
  }
  console.log(`${program} isn't here: ${without}. Install it with: apt-get install ${debianPackage}`);
  return false;
}

/** Whether an optional package of npm was installed, and its native part built. */
export function needModule(name, without) {
  const load = spawnSync(process.execPath, ["-e", `require("${name}")`], { cwd: root, encoding: "utf8" });
  if (load.status === 0) return true;
  const says = load.stderr.split("\n").find((line) => /Error:/.test(line));
  console.log(`${name} can't be loaded: ${without}. Install it with: npm install\n${says}`);
  return false;
}

/** In CI nothing may be skipped for want of a tool. */
export function requireInCi(isThere, what) {
  if (isThere || !process.env.CI) return;
  console.error(`${what} is needed in CI.`);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}

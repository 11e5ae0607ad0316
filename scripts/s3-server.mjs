// The S3 server that tests of exports speak to: built once, kept beside the installed packages.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./run.mjs";

const MODULE = "github.com/versity/versitygw/cmd/versitygw";
const VERSION = "v1.8.0";
/** test/support/s3-server.ts looks for it here. */
const folder = join(root, "node_modules", ".cache", "s3-server", VERSION);

/** Path of the server, built now where it isn't there yet. Undefined where it can't be, and why is printed. */
export function prepareS3Server() {
  const path = join(folder, "versitygw");
  if (existsSync(path)) return path;
  const without = "tests of exports to S3 are skipped";
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) {
    console.log(`go isn't on the PATH: ${without}. Install Go to have ${MODULE} built for them.`);
    return undefined;
  }
  console.log(`Building ${MODULE} ${VERSION} for the tests: a minute or two, once …`);
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    const env = { ...process.env, GOBIN: building };
    const built = spawnSync("go", ["install", `${MODULE}@${VERSION}`], {
      env,
      cwd: building,
      encoding: "utf8",
    });
    if (built.status !== 0) {
      const says = built.error?.message ?? built.stderr.trim().split("\n").slice(-3).join("\n");
      console.log(`${MODULE} can't be built: ${without}.\n${says}`);
      return undefined;
    }
    if (!existsSync(path)) renameSync(building, folder);
    return path;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(prepareS3Server() ? 0 : 1);

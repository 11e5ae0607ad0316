// Compiles to dist/, with the data files beside the code that reads them, and without the leavings of deleted sources.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { must, node, root } from "./run.mjs";

const dist = join(root, "dist");
const SOURCES = ["sdk", "provider", "deployer", "cli", "test", "bench"];

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

for (const file of SOURCES.flatMap((name) => [...filesBelow(join(dist, name))])) {
  const source = join(root, relative(dist, file)).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
  if (!existsSync(source)) rmSync(file);
}

must(...node("node_modules/typescript/bin/tsc", "-p", "."));

for (const file of ["provider", "deployer"].flatMap((name) => [...filesBelow(join(root, name))])) {
  if (file.endsWith(".ts")) continue;
  const copy = join(dist, relative(root, file));
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(file, copy);
}
chmodSync(join(dist, "cli", "main.js"), 0o755);

// The emulator of AWS KMS that tests of keys speak to: installed once, kept beside the installed packages.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./run.mjs";

const VERSION = "5.2.5";
/** What serving KMS alone needs: the package's own extra for servers takes six times the room. */
const PACKAGES = [`moto==${VERSION}`, "flask", "flask-cors"];
/** test/support/kms-emulator.ts looks for it here. */
const folder = join(root, "node_modules", ".cache", "kms-emulator", VERSION);

/** Path of the emulator's Python, installed now where it isn't there yet. Undefined where it can't be, and why is printed. */
export function prepareKmsEmulator() {
  const python = join(folder, "bin", "python");
  const finished = join(folder, "installed");
  if (existsSync(finished)) return python;
  const without = "tests of keys in AWS KMS are skipped";
  console.log(`Installing moto ${VERSION}, an emulator of AWS KMS, for the tests: once …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PACKAGES];
  const steps = [
    ["python3", ["-m", "venv", folder]],
    [python, pip],
    [python, ["-c", "import moto.server, moto.kms"]],
  ];
  for (const [program, args] of steps) {
    const step = spawnSync(program, args, { encoding: "utf8" });
    if (step.status === 0) continue;
    const says =
      step.error?.message ?? `${step.stdout}${step.stderr}`.trim().split("\n").slice(-3).join("\n");
    console.log(`moto can't be installed: ${without}. It needs Python 3 with venv and pip.\n${says}`);
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  mkdirSync(finished);
  return python;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(prepareKmsEmulator() ? 0 : 1);

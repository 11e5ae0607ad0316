import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/** Reads paths until whoever names them has ended, and then removes them; what still writes there is ending too. */
const SWEEPER = `
while IFS= read -r path; do set -- "$@" "$path"; done
for try in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$@" 2>/dev/null && exit; sleep 0.3; done
`;

let paths: Writable | undefined;

/**
 * Has a folder removed once this process has ended, however that was: it may be killed, and its own handlers have a
 * second only where mocha ends it.
 */
export function vanishWithUs(folder: string): void {
  paths ??= startSweeper();
  paths.write(`${folder}\n`);
}

function startSweeper(): Writable {
  const sweeper = spawn("sh", ["-c", SWEEPER], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  sweeper.unref();
  (sweeper.stdin as unknown as { unref(): void }).unref();
  return sweeper.stdin;
}

import type { Report } from "../engine/engine";

const FIRST_MS = 1000;
const INTERVAL_MS = 10_000;
const STEP = 0.1;

/**
 * Tells on stdout how far a long operation of a resource is: after a second, then at each tenth or each ten seconds,
 * at most once a second. Pulumi shows what the provider prints as messages of the stack, so each line begins with the
 * resource's name. What is done within the first second is never told.
 */
export function progress(name: string, print = console.log, now = Date.now): Report {
  let last = now();
  let told = -Infinity;
  return (doing, fraction) => {
    const waited = now() - last;
    if (waited < FIRST_MS || (waited < INTERVAL_MS && fraction - told < STEP)) return;
    last = now();
    told = fraction;
    print(`${name}: ${doing} ${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`);
  };
}

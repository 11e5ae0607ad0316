import type { Report } from "../engine/requests";

const INTERVAL_MS = 1000;

/**
 * Tells on stdout how far a long operation of a resource is, at most once a second: Pulumi shows what the provider
 * prints as messages of the stack, so each line begins with the resource's name. What is done within the first
 * second is never told.
 */
export function progress(name: string, print = console.log, now = Date.now): Report {
  let last = now();
  return (doing, fraction) => {
    if (now() - last < INTERVAL_MS) return;
    last = now();
    print(`${name}: ${doing} ${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`);
  };
}

import { existsSync } from "node:fs";

const SETPRIV = "/usr/bin/setpriv";

/** A command whose process ends with this one, however that ends; where the system can see to it. */
export function endingWithUs(program: string, args: string[], signal: "QUIT" | "KILL"): [string, string[]] {
  return existsSync(SETPRIV) ? [SETPRIV, [`--pdeathsig=${signal}`, program, ...args]] : [program, args];
}

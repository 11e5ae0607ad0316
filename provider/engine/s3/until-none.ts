import { setTimeout as wait } from "node:timers/promises";

/** Until what was on its way when it was given up has arrived, ms. */
const ON_ITS_WAY = 250;
const MOST_TIMES = 6;

/** Clears away until nothing is found: a part that arrives after its upload was aborted brings that back. `clear`: tells how many it found. */
export async function untilNone(clear: () => Promise<number>): Promise<void> {
  for (let times = 0; times < MOST_TIMES; times++) {
    if ((await clear()) === 0 && times > 0) return;
    await wait(ON_ITS_WAY);
  }
}

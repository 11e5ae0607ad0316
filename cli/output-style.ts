import picocolors from "picocolors";

/** Colours where they show: a terminal, or where FORCE_COLOR asks; never with NO_COLOR. */
export function colors(): ReturnType<typeof picocolors.createColors> {
  const shown = (process.stdout.isTTY && process.env.TERM !== "dumb") || process.env.FORCE_COLOR;
  return picocolors.createColors(!!shown && picocolors.isColorSupported);
}

/** Of the terminal; undefined where the output is none. */
export function columns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Lines may be drawn anew: somebody watches a terminal that can do it, and no log is kept of it. */
export function isLive(): boolean {
  return process.stdout.isTTY && process.env.TERM !== "dumb" && !process.env.CI;
}

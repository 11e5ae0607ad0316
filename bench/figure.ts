/** One row of the table. */
export interface Figure {
  work: string;
  /** In words, as it is promised. */
  aim: string;
  measured: number;
  unit: "s" | "×" | "µs" | "ms" | "/s";
  met: boolean;
  /** What it was measured against, or how. */
  note?: string;
}

export function figure(
  work: string,
  atMost: number,
  measured: number,
  unit: Figure["unit"],
  note?: string,
): Figure {
  return { work, aim: `≤ ${atMost} ${unit}`, measured, unit, met: measured <= atMost, note };
}

export function atLeast(
  work: string,
  least: number,
  measured: number,
  unit: Figure["unit"],
  note?: string,
): Figure {
  return { work, aim: `≥ ${least} ${unit}`, measured, unit, met: measured >= least, note };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export async function seconds(work: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** One row of the table. */
export interface Figure {
  work: string;
  /** In words, as it is promised. */
  aim: string;
  /** Absent where what it is measured against isn't there. */
  measured?: number;
  unit: "s" | "×" | "µs" | "ms" | "/s" | "MiB";
  met?: boolean;
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

export function notMeasured(work: string, atMost: number, unit: Figure["unit"]): Figure {
  return { work, aim: `≤ ${atMost} ${unit}`, unit, note: "no `pulumi` on PATH" };
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

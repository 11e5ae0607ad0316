const SECONDS: Units = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const MILLISECONDS: Units = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

type Units = Record<string, number>;

/** Seconds of a duration such as `90s` or `1h30m`; undefined where the text is none. */
export function seconds(duration: string): number | undefined {
  return inUnits(SECONDS, duration);
}

/** The same in milliseconds. */
export function milliseconds(duration: string): number | undefined {
  return inUnits(MILLISECONDS, duration);
}

function inUnits(units: Units, duration: string): number | undefined {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration) return undefined;
  return parts.reduce((total, [, count, unit]) => total + Number(count) * units[unit!]!, 0);
}

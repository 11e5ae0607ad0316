import { UserError } from "../user-error";

const UNITS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds of a duration such as `1h30m` or `90s`; undefined for none. */
export function seconds(duration: string | undefined): number | undefined {
  if (!duration) return undefined;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([part]) => part).join("") !== duration) {
    throw new UserError(`"${duration}" isn't a duration: write it like 30s, 5m or 1h30m.`);
  }
  return parts.reduce((total, [, count, unit]) => total + Number(count) * UNITS[unit!]!, 0);
}

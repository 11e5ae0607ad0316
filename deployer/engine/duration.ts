import { seconds as secondsOf } from "../../provider/engine/duration";
import { UserError } from "../user-error";

/** Seconds of a duration such as `1h30m` or `90s`; undefined for none. */
export function seconds(duration: string | undefined): number | undefined {
  if (!duration) return undefined;
  const found = secondsOf(duration);
  if (found === undefined)
    throw new UserError(`"${duration}" isn't a duration: write it like 30s, 5m or 1h30m.`);
  return found;
}

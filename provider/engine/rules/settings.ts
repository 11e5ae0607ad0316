import * as say from "../messages";
import type { ImageSettings } from "../requests";
import type { Violation } from "../violation";

const OF_INSTANCES = ["minRam", "maxRam", "nicMultiqueue", "sriovDriver"] as const;

/** A data image makes volumes: what only an instance has is no setting of it. `from`: what it is made of, in words. */
export function dataImageRule(settings: ImageSettings, from: string): Violation[] {
  return OF_INSTANCES.filter((property) => isAsked(settings[property])).map((property) =>
    say.dataImageHasNone(property, from),
  );
}

/** Off and unknown ask for nothing yet. */
function isAsked(value: ImageSettings[(typeof OF_INSTANCES)[number]]): boolean {
  return value === true || typeof value === "number";
}

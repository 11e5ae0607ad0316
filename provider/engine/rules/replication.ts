import * as say from "../messages";
import { describe } from "../messages";
import type { DraftOf } from "../records";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/** What a kind of image can't be replicated to. */
export function replicableRule(
  image: DraftOf<"image">,
  replica: { encrypted: Maybe<boolean>; quickProvisioning: Maybe<boolean> },
): Violation[] {
  const described = describe("image", image);
  const violations: Violation[] = [];
  if (image.imageType === "full" && replica.encrypted === true) {
    violations.push(say.fullReplicaIsPlain(described));
  }
  if (image.imageType === "data" && replica.quickProvisioning === true) {
    violations.push(say.dataImageIsNotQuick(described));
  }
  return violations;
}

import type { Plan } from "../plan";
import type { Kind } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, stackOf } from "../requests";
import { replaceableRule } from "../rules/deletion";
import type { Violation } from "../violation";

/**
 * A replacement deletes what it replaces, first or last. What is sure to refuse that deletion refuses the replacement:
 * shares that other stacks hold, since those of this one are replaced or removed with the image.
 */
export async function replacementViolations(
  facts: FactReader,
  plan: Plan,
  kind: Kind,
  urn: string,
): Promise<Violation[]> {
  const id = plan.replacedBy(urn);
  const image = kind === "image" && id !== undefined ? await facts.get("image", id) : undefined;
  if (!image) return [];
  const shares = await facts.sharesOfImage(image.id);
  const others = shares.filter((share) => !isOfStack(share, stackOf(urn)));
  return replaceableRule(image, others, plan.onDeleteOf(urn));
}

function isOfStack({ origin }: DraftOf<"share">, stack: string): boolean {
  return origin !== undefined && isKnown(origin) && stackOf(origin.declaredBy) === stack;
}

import { withArticle } from "../engine/messages";
import type { Violation } from "../engine/violation";
import { isUnknown, nameOfUrn } from "./inputs";
import type { Properties } from "./lifecycle";

/** Classes of the resources that make an image. */
export const IMAGE_CLASSES = ["PrivateImage", "ImageConversion", "ImageReplica"] as const;

/**
 * What is wrong with how a program refers to other resources: `image` and `imageId` both given, or the ID of a
 * resource of another class. `references` has the classes that may be behind each argument.
 */
export function referenceViolations(
  inputs: Properties,
  references: { readonly [argument: string]: readonly string[] },
): Violation[] {
  const violations: Violation[] = [];
  for (const [argument, classes] of Object.entries(references)) {
    const idArgument = `${argument}Id`;
    if (inputs[argument] !== undefined) {
      violations.push({
        property: idArgument,
        reason: `${argument} and ${idArgument} say the same thing. State one of them.`,
      });
    }
    const declaredBy = inputs[`${argument}DeclaredBy`];
    if (typeof declaredBy !== "string" || isUnknown(declaredBy)) continue;
    const found = classOfUrn(declaredBy);
    if (!classes.includes(found)) {
      violations.push({
        property: idArgument,
        reason: `It takes the ID of ${either(classes.map(withArticle))}, and ${nameOfUrn(declaredBy)} is ${withArticle(found)}. Name another resource.`,
      });
    }
  }
  return violations;
}

/** "a, b or c". */
function either(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " or $1");
}

/** The class of the resource that a URN declares: its last type, without the module. */
function classOfUrn(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(types.lastIndexOf(":") + 1);
}

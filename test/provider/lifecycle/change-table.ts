import { expect } from "chai";
import type { Properties } from "../../../provider/lifecycle/lifecycle";
import type { Class, Stack } from "./stack";

/** IDs of what stands, by name. */
export type Ids = (name: string) => string;

/** Changed arguments of a resource that stands, and what comes of each: "same", "update", "replace", or why it is refused. */
export type ChangeTable = [
  Class,
  name: string,
  [what: string, args: (id: Ids) => Properties, outcome: string | RegExp][],
][];

const OUTCOMES: Record<string, string> = {
  same: "none",
  update: "made in place",
  replace: "made by a replacement",
};

/** Each change is previewed, and then made or refused as the preview says. */
export function describeChanges(stack: () => Stack, table: ChangeTable): void {
  for (const [type, name, changes] of table) {
    describe(`of ${type === "Instance" || type.startsWith("Image") ? "an" : "a"} ${type}`, () => {
      for (const [what, args, outcome] of changes) {
        it(`${what} is ${typeof outcome === "string" ? OUTCOMES[outcome] : "refused by preview and up alike"}`, async () => {
          const { preview, up } = await stack().change(
            type,
            name,
            args((other) => stack().state(other).id),
          );
          if (typeof outcome === "string")
            expect({ preview, up }).to.deep.equal({ preview: outcome, up: outcome });
          else {
            expect(preview).to.match(outcome);
            expect(up).to.match(outcome);
          }
        });
      }
    });
  }
}

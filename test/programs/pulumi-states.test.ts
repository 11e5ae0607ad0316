import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { images, pulumi } from "../support/engines";
import { fixtures } from "../support/paths";
import type { Played } from "../support/play";
import { play } from "../support/play";
import { SCENARIOS } from "../support/scenarios";

describe("states and provider calls", () => {
  for (const scenario of SCENARIOS) {
    describe(scenario.name, () => {
      const recorded = JSON.parse(
        readFileSync(path.join(fixtures, `${scenario.name}.json`), "utf8"),
      ) as Played;

      for (const [engine, is] of [
        [images, it],
        [pulumi, pulumi.available ? it : it.skip],
      ] as const) {
        is(`of ${engine.name} are those recorded of the Pulumi CLI`, async () => {
          const played = await play(engine, scenario);
          for (const { title } of scenario.steps) {
            expect(played[title]!.resources, `${title}: state`).to.deep.equal(recorded[title]!.resources);
            expect(played[title]!.calls, `${title}: calls`).to.deep.equal(recorded[title]!.calls);
          }
        });
      }
    });
  }
});

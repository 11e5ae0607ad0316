import { readFileSync } from "node:fs";
import { expect } from "chai";
import { Slots } from "../../deployer/engine/slots";
import { images } from "../support/engines";
import type { Played, PlayedStep, Said } from "../support/play";
import { play } from "../support/play";
import { fixtureOf, GROUPS } from "./groups";

/** Programs are run so many at a time, ahead of the tests that wait for them. */
const slots = new Slots(3);

describe("states, provider calls and exit codes are the Pulumi CLI's for", () => {
  for (const group of GROUPS) {
    describe(group.name, () => {
      const recorded = JSON.parse(readFileSync(fixtureOf(group), "utf8")) as Record<string, Played>;
      let playing: { played: Promise<Played>; said: Said }[];

      before(() => {
        playing = group.scenarios.map((scenario) => {
          const said: Said = new Map();
          const played = slots.use(() => play(images, scenario, said));
          played.catch(() => {});
          return { played, said };
        });
      });

      group.scenarios.forEach((scenario, at) => {
        it(scenario.name, async () => {
          const { played, said } = playing[at]!;
          const mine = await played;
          for (const { title, refused } of scenario.steps) {
            const text = said.get(title)!;
            if (refused) {
              expect(text.replace(/\s+/g, " "), title).to.match(refused);
              expect(mine[title]!.code).to.equal(1);
              expect(mine[title]!.calls).to.deep.equal({});
              expect(mine[title]!.resources).to.equal("as before");
              continue;
            }
            const differences = compare(recorded[scenario.name]![title]!, mine[title]!);
            expect(differences.join("\n"), `${title}, which said\n${text}`).to.equal("");
          }
        });
      });
    });
  }
});

/** What the Pulumi CLI did is a line with `-`, what was done here one with `+`. */
function compare(recorded: PlayedStep, mine: PlayedStep): string[] {
  const [theirs, ours] = [lines(recorded), lines(mine)];
  return [
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `- ${line}`),
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `+ ${line}`),
  ].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
}

/**
 * A line each for the exit code, a resource, a call in its place among those of its resource: of each that has the name
 * where there are several, for they are asked about at the same time.
 */
function lines({ code, resources, pending = [], calls }: PlayedStep): string[] {
  const states = typeof resources === "string" ? [resources] : resources.map((it) => JSON.stringify(it));
  return [
    `exit code ${code}`,
    ...states.map((state, at) => `state of ${states.indexOf(state) === at ? "one" : "another"}: ${state}`),
    ...pending.map((it) => `pending: ${it}`),
    ...Object.entries(calls).flatMap(([name, asked]) => callsOf(name, asked as { Id?: string }[])),
  ];
}

function callsOf(name: string, calls: { Id?: string }[]): string[] {
  return calls.map((call, at) => {
    const before = calls.slice(0, at).filter(({ Id }) => Id === call.Id).length;
    return `${before + 1}. call of ${name}: ${JSON.stringify(call)}`;
  });
}

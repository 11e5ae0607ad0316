import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../support/paths";
import type { History } from "./model";
import type { Outcome, Played } from "./play";

/** A history that is played in the tests, with what the Pulumi CLI made of it. */
export interface Fixture {
  name: string;
  history: History;
  outcomes: Outcome[];
}

const FOLDER = path.join(root, "test", "fixtures", "random");

export function readFixtures(): Fixture[] {
  return readdirSync(FOLDER)
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), "utf8")) as Fixture);
}

/** A line a step, a node, a resource and a call, so that a change of one shows. */
export function writeFixture(name: string, history: History, played: readonly Played[]): void {
  const outcomes = played.map(({ text: _text, ...outcome }): Outcome => outcome);
  const text = JSON.stringify({ name, history, outcomes } satisfies Fixture, undefined, 1);
  writeFileSync(path.join(FOLDER, `${name.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}.json`), `${text}\n`);
}

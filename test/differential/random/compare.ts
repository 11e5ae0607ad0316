/*
 * Compares random histories with the Pulumi CLI, which must be on PATH, and shrinks those that come out differently:
 *
 *     node dist/test/differential/random/compare.js --seeds 1-100
 *
 * `--jobs 2`: so many at a time; `--no-shrink`; `--history <file>`: compares that one, and prints what both said;
 * `--record <name>`: keeps a history (of `--history`, or of the first seed) with the CLI's outcomes for the tests.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Slots } from "../../../deployer/engine/slots";
import { images, pulumi } from "../../support/engines";
import type { Difference } from "./difference";
import { difference } from "./difference";
import { writeFixture } from "./fixtures";
import { generate } from "./generator";
import type { History } from "./model";
import type { Played } from "./play";
import { play } from "./play";
import { shrink } from "./shrink";

interface Comparison extends Difference {
  ours: Played[];
  theirs: Played[];
}

async function compare(history: History): Promise<Comparison> {
  const [ours, theirs] = await Promise.all([play(images, history), play(pulumi, history)]);
  return { ours, theirs, ...difference(history, ours, theirs) };
}

/** Whether the seed's history comes out alike. */
async function compareSeed(seed: number, shrinking: boolean): Promise<boolean> {
  const history = generate(seed);
  const { found, alike } = await compare(history);
  if (found.length === 0) {
    console.log(`seed ${seed}: alike in ${alike} of ${history.steps.length} steps`);
    return true;
  }
  console.log(`seed ${seed}: different\n${found.join("\n")}`);
  if (!shrinking) return false;
  const small = await shrink(history, async (it) => (await compare(it)).found.length > 0);
  const left = (await compare(small)).found.join("\n");
  console.log(`seed ${seed}, shrunk: ${JSON.stringify(small)}\n${left}`);
  return false;
}

async function compareHistory(file: string): Promise<void> {
  const { ours, theirs, found } = await compare(readHistory(file));
  ours.forEach(({ text }, at) =>
    console.log(`--- step ${at + 1}, images\n${text}\n--- step ${at + 1}, pulumi\n${theirs[at]!.text}`),
  );
  console.log(found.length > 0 ? found.join("\n") : "equal");
}

function readHistory(file: string): History {
  const read = JSON.parse(readFileSync(file, "utf8")) as History | { history: History };
  return "history" in read ? read.history : read;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1-20" },
      jobs: { type: "string", default: "2" },
      "no-shrink": { type: "boolean", default: false },
      history: { type: "string" },
      record: { type: "string" },
    },
  });
  if (!pulumi.available) throw new Error("pulumi isn't on PATH");
  const [from = 1, to = from] = values.seeds.split("-").map(Number);
  if (values.record) {
    const history = values.history ? readHistory(values.history) : generate(from);
    return writeFixture(values.record, history, await play(pulumi, history));
  }
  if (values.history) return compareHistory(values.history);
  const slots = new Slots(Number(values.jobs));
  const seeds = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const alike = await Promise.all(
    seeds.map((seed) => slots.use(() => compareSeed(seed, !values["no-shrink"]))),
  );
  const different = seeds.filter((_, at) => !alike[at]);
  console.log(
    `${seeds.length} compared; ${different.length > 0 ? `different: ${different.join(", ")}` : "all alike"}`,
  );
  if (different.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

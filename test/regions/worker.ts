import { randomUUID } from "node:crypto";
import { openRegion } from "../../provider/engine/open-region";
import { ViolationError } from "../../provider/engine/violation";
import { TestRun } from "../provider/engine/world";
import { OPERATIONS } from "./operations";
import { atRandom } from "./random-work";

/** What one step of a run came to. */
export type Answer = { id: string } | { refused: string } | { failed: string } | { done: true };

/** A step of a run: an operation of `operations.ts` and what it is given. */
export interface Step {
  operation: keyof typeof OPERATIONS;
  /** Name of the declaration. */
  name: string;
  /** ID of what it works on. */
  of?: string;
  /** Where an export goes. */
  to?: string;
  account?: string;
}

/** One run in a process of its own: opens the region, takes the steps one after another, answers in one line of JSON. */
async function main([endpoint, work]: string[]): Promise<void> {
  const task = JSON.parse(work!) as { steps: Step[]; account?: string } | { seed: number; ms: number };
  const account = "account" in task ? task.account : undefined;
  const engine = await openRegion({ endpoint: endpoint!, account });
  const run = new TestRun(engine, { account: engine.defaults.account }, () => randomUUID());
  const answers = "seed" in task ? await atRandom(endpoint!, task) : [];
  for (const step of "steps" in task ? task.steps : []) answers.push(await take(run, step));
  await engine.close();
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

async function take(run: TestRun, step: Step): Promise<Answer> {
  try {
    const made = await OPERATIONS[step.operation](run, step);
    return made ? { id: made.id } : { done: true };
  } catch (error) {
    if (ViolationError.is(error)) return { refused: error.message };
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

if (require.main === module) void main(process.argv.slice(2));

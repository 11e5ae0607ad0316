import { randomUUID } from "node:crypto";
import { openRegion } from "../../provider/engine/open-region";
import { ViolationError } from "../../provider/engine/violation";
import { TestRun } from "../provider/engine/world";
import { OPERATIONS } from "./operations";
import { atRandom } from "./random-work";

/** What one step of a run came to. */
export type Answer = { id: string } | { refused: string } | { failed: string } | { done: true };

/** What a process of its own is to do. */
export type Task = { steps: Step[]; account?: string } | { seed: number; ms: number };

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

/** One run: opens the region, and takes the steps one after another. */
export async function takeAll(endpoint: string, steps: readonly Step[], stated?: string): Promise<Answer[]> {
  const engine = await openRegion({ endpoint, account: stated });
  const run = new TestRun(engine, { account: engine.defaults.account }, () => randomUUID());
  const answers: Answer[] = [];
  for (const step of steps) answers.push(await take(run, step));
  await engine.close();
  return answers;
}

/** One run in a process of its own, which answers in one line of JSON. */
async function main([endpoint, work]: string[]): Promise<void> {
  const task = JSON.parse(work!) as Task;
  const answers =
    "seed" in task ? await atRandom(endpoint!, task) : await takeAll(endpoint!, task.steps, task.account);
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

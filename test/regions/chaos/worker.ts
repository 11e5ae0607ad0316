import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openRegion } from "../../../provider/engine/open-region";
import { Fault, ViolationError } from "../../../provider/engine/violation";
import { TestRun } from "../../provider/engine/world";
import { openCatalogAt } from "../../support/regions/region-under-test";
import { OPERATIONS } from "../operations";
import { ACCOUNTS, choose, generator } from "../random-work";
import type { Step } from "../worker";

/** A step of a program, which goes on trying until it is done or refused. */
export interface Task {
  /** Whose program it is. */
  by: string;
  step: Step;
}

/** What a worker tells, a line of JSON each. */
export type Told =
  | { begun: Task }
  | { ended: Task; made?: string; refused?: string }
  /** It will be tried again. */
  | { failed: Task; says: string; isFault: boolean }
  /** It fails though nothing is in the way any more, and is given up. */
  | { stuck: Task; says: string }
  /** Nothing was tried: the catalogue couldn't be read. */
  | { blind: string; isFault: boolean };

export interface Orders {
  endpoint: string;
  seed: number;
  /** A disk file for what is made of one. */
  disk: string;
  /** What another worker had begun when it was killed. */
  pending: Task[];
  /** How much this machine's clock is wrong, ms. */
  clock: number;
}

const TRIES = 10;
const MOST_INSTANCES = 10;

/** Works at random until its standard input ends; then finishes what is begun. */
async function main({ endpoint, seed, disk, pending, clock }: Orders): Promise<void> {
  setClock(clock);
  let working = true;
  process.stdin.resume().once("end", () => (working = false));
  /** Since all is well again. */
  const fails = new Map<Task, number>();
  const random = generator(seed);
  /** Process IDs come again in two minutes. */
  const self = randomUUID().slice(0, 8);
  /** Whose IDs a state of this program has: nobody else rebuilds them. */
  const known = new Set<string>();
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  for (let turn = 0; working || pending.length > 0; turn++) {
    const isToBeNew = working && (pending.length === 0 || random() < 0.5);
    const task = isToBeNew ? await newTask(`${self}-${turn}`) : pending.shift();
    if (!task) continue;
    tell({ begun: task });
    try {
      const done = await attempt(endpoint, task);
      if (done.made !== undefined) known.add(done.made);
      tell({ ended: task, ...done });
    } catch (error) {
      tell({ failed: task, says: (error as Error).message, isFault: Fault.is(error) });
      if (!working) fails.set(task, (fails.get(task) ?? 0) + 1);
      if (fails.get(task) === TRIES) tell({ stuck: task, says: (error as Error).message });
      else pending.push(task);
      await pause(200);
    }
  }

  async function newTask(name: string): Promise<Task | undefined> {
    const by = pick(ACCOUNTS)!;
    try {
      const catalog = await openCatalogAt(endpoint);
      const snapshot = await catalog.snapshot().finally(() => catalog.close());
      const own = snapshot.instances.filter(({ account }) => account === by);
      // No quota bounds them, and the bucket's disk is small.
      if (own.length > MOST_INSTANCES) {
        return { by, step: { operation: "deleteInstance", name, of: pick(own)!.id } };
      }
      const instance = pick(own.filter(({ id }) => known.has(id)))?.id;
      const image = pick(snapshot.images.filter(({ account }) => account === by))?.id;
      const further: Step[] = [
        { operation: "instanceOfFile", name, of: disk },
        { operation: "imageOfFile", name, of: disk },
      ];
      if (instance !== undefined && image !== undefined)
        further.push({ operation: "rebuild", name: instance, of: image });
      return { by, step: random() < 0.5 ? pick(further)! : choose(snapshot, by, name, pick) };
    } catch (error) {
      tell({ blind: (error as Error).message, isFault: Fault.is(error) });
      await pause(200);
      return undefined;
    }
  }
}

/** One run of a program: what it made, or why it was refused. */
async function attempt(endpoint: string, { by, step }: Task): Promise<{ made?: string; refused?: string }> {
  const engine = await openRegion({ endpoint, account: by });
  try {
    const run = new TestRun(engine, { account: by }, () => randomUUID());
    return { made: (await OPERATIONS[step.operation](run, step))?.id };
  } catch (error) {
    if (ViolationError.is(error)) return { refused: error.message };
    throw error;
  } finally {
    await engine.close();
  }
}

function tell(told: Told): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

/** Moves what this process takes for the time. */
function setClock(by: number): void {
  if (by === 0) return;
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[]) =>
      Reflect.construct(target, given.length === 0 ? [RealDate.now() + by] : given) as object,
    get: (target, name) => (name === "now" ? () => RealDate.now() + by : Reflect.get(target, name)),
  });
}

if (require.main === module) void main(JSON.parse(process.argv[2]!) as Orders);

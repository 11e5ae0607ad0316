import { randomUUID } from "node:crypto";
import { openRegion } from "../../provider/engine/open-region";
import { ViolationError } from "../../provider/engine/violation";
import type { CatalogSnapshot } from "../../provider/engine/catalog/catalog";
import { TestRun } from "../provider/engine/world";
import { openCatalogAt } from "../support/regions/region-under-test";
import { OPERATIONS } from "./operations";
import type { Answer, Step } from "./worker";

/** What a process works for: the accounts share one region. */
export const ACCOUNTS = ["team-a", "team-b", "team-c"];

/**
 * Creates, shares, converts, rebuilds and deletes at random until the time is over: one short run after another, each
 * on what it found standing. What is refused is as it should be; what fails is returned.
 */
export async function atRandom(
  endpoint: string,
  { seed, ms }: { seed: number; ms: number },
): Promise<Answer[]> {
  const random = generator(seed);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const answers: Answer[] = [];
  const catalog = await openCatalogAt(endpoint);
  const end = Date.now() + ms;
  for (let turn = 0; Date.now() < end; turn++) {
    const account = pick(ACCOUNTS)!;
    const engine = await openRegion({ endpoint, account });
    try {
      const run = new TestRun(engine, { account }, () => randomUUID());
      const step = choose(await catalog.snapshot(), account, `${process.pid}-${turn}`, pick);
      const made = await OPERATIONS[step.operation](run, step);
      answers.push(made ? { id: made.id } : { done: true });
    } catch (error) {
      if (ViolationError.is(error)) answers.push({ refused: error.message });
      else answers.push({ failed: error instanceof Error ? error.message : String(error) });
    } finally {
      await engine.close();
    }
  }
  await catalog.close();
  return answers;
}

/** Something that an account may well do with what stands. */
export function choose(
  { images, instances, shares }: CatalogSnapshot,
  account: string,
  name: string,
  pick: <T>(items: readonly T[]) => T | undefined,
): Step {
  const own = (records: readonly { id: string; account?: string }[]) =>
    pick(records.filter((record) => record.account === account))?.id;
  const image = own(images);
  const instance = own(instances);
  const any = pick(images.filter(({ visibility }) => visibility === "private"))?.id;
  const steps: (Step | undefined)[] = [
    { operation: "instance", name },
    instance === undefined ? undefined : { operation: "systemImage", name, of: instance },
    instance === undefined ? undefined : { operation: "systemImage", name, of: instance },
    instance === undefined ? undefined : { operation: "dataImage", name, of: instance },
    instance === undefined ? undefined : { operation: "fullImage", name, of: instance },
    image === undefined ? undefined : { operation: "conversion", name, of: image },
    image === undefined ? undefined : { operation: "share", name, of: image, account: pick(ACCOUNTS) },
    any === undefined ? undefined : { operation: "instanceOfImage", name, of: any },
    image === undefined ? undefined : { operation: "deleteImage", name, of: image },
    image === undefined ? undefined : { operation: "deleteImage", name, of: image },
    instance === undefined ? undefined : { operation: "deleteInstance", name, of: instance },
    shares.length === 0 ? undefined : { operation: "cancelShare", name, of: pick(shares)!.id },
  ];
  return pick(steps.filter((step) => step !== undefined))!;
}

/** Numbers from 0 to 1 that a seed gives again: a linear congruential generator's high bits are enough here. */
export function generator(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number(state >> 33n) / 2 ** 31;
  };
}

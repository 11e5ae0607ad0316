import fc from "fast-check";
import type { InstanceRecord } from "../../../../provider/engine/model";
import { CELLS } from "../live-disks";
import type { Cells, LiveDisks } from "../live-disks";
import type { LiveWorld } from "../worlds";

/** What random steps are done to, beside a model of what should stand. */
export interface History<Step> {
  begin(): Promise<void>;
  go(step: Step): Promise<void>;
  expectSound(): Promise<void>;
}

/** A letter written to a disk of an instance. Numbers choose among what stands. */
export interface WriteStep {
  do: "write";
  which: number;
  disk: number;
  cell: number;
  letter: string;
}

export function writeStep(disks: number, ...letters: string[]): fc.Arbitrary<WriteStep> {
  return fc.record({
    do: fc.constant("write" as const),
    which: fc.nat(20),
    disk: fc.nat(disks - 1),
    cell: fc.nat(CELLS - 1),
    letter: fc.constantFrom(...letters),
  });
}

/** Writes to the disk, and to what it should read as. */
export async function writeCell(
  live: LiveDisks,
  { systemDisk, dataDisks }: InstanceRecord,
  cells: Cells[],
  { disk, cell, letter }: WriteStep,
): Promise<void> {
  const disks = [systemDisk, ...dataDisks];
  const index = disk % disks.length;
  await live.write(disks[index]!.id, cell, letter);
  const before = cells[index]!;
  cells[index] = before.slice(0, cell) + letter + before.slice(cell + 1);
}

/** Random histories, each in a world of its own, sound after every step. */
export async function expectSoundHistories<Step>(
  step: fc.Arbitrary<Step>,
  historyIn: (world: LiveWorld) => History<Step>,
  newWorld: () => Promise<LiveWorld>,
  { runs, maxLength }: { runs: number; maxLength: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength }), async (steps) => {
      const world = await newWorld();
      try {
        const history = historyIn(world);
        await history.begin();
        for (const step of steps) {
          await history.go(step);
          await history.expectSound();
        }
      } finally {
        await world.live.dispose();
      }
    }),
    { numRuns: runs },
  );
}

import { killPoint } from "../kill-points";
import { contentsOf } from "../records";
import type { Kind, Kinds } from "../model";
import type { Report } from "../engine";
import { nameInProgram } from "../messages";
import type { Declaration } from "../requests";
import { Fault } from "../violation";
import type { Recipe, Settled } from "./recipe";
import type { Run } from "./run";
import { inTime } from "./time-limit";

interface Filling {
  /** What the record's is once it is filled. */
  status: object;
  from: unknown;
  declaration: Declaration;
  report: Report;
}

/** Fills the contents of a record that has its place; leaves nothing where that fails. */
export async function fill<K extends Kind>(
  run: Run,
  recipe: Recipe<K, never, unknown>,
  record: Kinds[K],
  { status, from, declaration, report }: Filling,
): Promise<Kinds[K]> {
  const { kind } = recipe;
  const doing = `Creating ${recipe.noun} ${nameInProgram(declaration.declaredBy)}`;
  let done: { record: Kinds[K]; settled?: Settled; freed: string[] };
  try {
    const found = await inTime({ declaration, operation: "create", doing }, report, async (work) =>
      recipe.fill?.(record, from, work),
    );
    killPoint("filled");
    done = await run.catalog.transaction(async (tx) => {
      const cleared = scratchOf(record) ? { scratch: undefined } : {};
      const changes = { ...found, ...status, ...cleared } as Partial<Kinds[K]>;
      const whole = await tx.update(kind, record.id, changes);
      const settled = await recipe.settle?.(tx, record, from);
      const unnamed = [...(scratchOf(record) ?? []), ...(settled?.released ?? [])];
      const freed = unnamed.length > 0 ? await tx.discardDisks(unnamed) : [];
      return { record: whole, settled, freed };
    });
  } catch (error) {
    const left = await undo(run, recipe, record);
    if (left === undefined) throw error;
    throw new Fault(`Creating ${recipe.noun} ${record.id}`, { cause: error, left });
  }
  if (done.settled) (await run.plan()).changed("instance", done.settled.instance);
  await run.removeDiscarded(done.freed);
  return done.record;
}

/** Returns what is left. */
async function undo<K extends Kind>(
  run: Run,
  recipe: Recipe<K, never, unknown>,
  record: Kinds[K],
): Promise<string | undefined> {
  try {
    const freed = await run.catalog.transaction(async (tx) => {
      await tx.delete(recipe.kind, record.id);
      return tx.discardDisks(contentsOf(recipe.kind, record));
    });
    await run.removeDiscarded(freed);
    return undefined;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return `The half-made ${recipe.noun} ${record.id} is left, for the next run to clear away (${says})`;
  }
}

function scratchOf(record: Kinds[Kind]): string[] | undefined {
  return "scratch" in record ? record.scratch : undefined;
}

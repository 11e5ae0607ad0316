import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "chai";
import { declare, edited, FILES, program } from "./preview-promise/programs";
import type { Declared, StepKind } from "./preview-promise/programs";
import { Pulumi } from "./preview-promise/pulumi";
import type { State } from "./preview-promise/pulumi";
import { regionUnderTest } from "../../support/regions/region-under-test";
import { refusal } from "./world";
import type { World } from "./world";
import { liveWorlds } from "./worlds";

const newWorld = liveWorlds();
const RUNS = { embedded: 400, team: 12 };

/** The steps that a preview lets stand, one after another: a program that it passes as a whole; and the first that it refuses. */
async function passing(
  world: World,
  state: State,
  declared: Declared[],
  deleteBeforeReplace: readonly StepKind[],
  folder: string,
) {
  const kept: Declared[] = [];
  let refused: Declared | undefined;
  for (const one of declared) {
    if (one.source !== undefined && !kept.some(({ name }) => name === one.source)) continue;
    const pulumi = new Pulumi(world.run(), state, [...kept, one], deleteBeforeReplace, folder);
    if ((await pulumi.preview()) === "") kept.push(one);
    else if (one.source !== undefined) refused ??= one;
  }
  return { kept, refused };
}

describe("the promise of the preview", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "preview-promise-"));
    const [sound = "", unsound = ""] = FILES;
    await writeFile(join(folder, sound), Buffer.alloc(2 ** 20, "s"));
    await writeFile(join(folder, unsound), "not whole sectors");
  });
  after(() => rm(folder, { recursive: true }));

  it("holds: what check lets pass, create, update and remove accept, and they refuse what it refuses", async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ steps, edits, additions, deleteBeforeReplace, overreaches }) => {
        const quotas = { privateImages: 4, snapshots: 4, membersPerImage: 2, acceptedShares: 2 };
        const world = await newWorld(quotas);
        const state: State = new Map();
        const { kept: first } = await passing(world, state, declare(steps), [], folder);
        expect(await new Pulumi(world.run(), state, first, [], folder).up()).to.equal("");

        const next = edited(steps, edits, additions);
        const { kept: second, refused } = await passing(world, state, next, deleteBeforeReplace, folder);
        const wanted = overreaches && refused ? [...second, refused] : second;
        const reasons = await new Pulumi(world.run(), state, wanted, deleteBeforeReplace, folder).preview();
        const up = new Pulumi(world.run(), state, wanted, deleteBeforeReplace, folder).up();
        if (reasons === "") expect(await up).to.equal("");
        else expect(await refusal(up), reasons).not.to.equal("");
      }),
      { numRuns: RUNS[regionUnderTest] },
    );
  });
});

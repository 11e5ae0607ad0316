import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import type { KillPoint } from "../../provider/engine/kill-points";
import { brokenAtRest, openCatalog } from "./invariants";
import { make, start } from "./start";
import type { Step } from "./worker";

const run = promisify(execFile);

const POINTS: readonly KillPoint[] = [
  "placed",
  "content-written",
  "content-named",
  "filled",
  "finished",
  "deleted",
  "content-removed",
];
/** No operation gets to the same point more often. */
const TIMES = 12;

interface Story {
  title: string;
  /** Makes what the step works on; returns its ID. */
  before(region: string): Promise<string[]>;
  step(ids: string[], region: string): Step;
}

const instance = (region: string) =>
  make(region, { operation: "instanceOfFile", name: "vm", of: join(region, "disk.raw") });

async function imageOf(region: string, operation: "systemImage" | "dataImage" | "fullImage" = "systemImage") {
  const [vm] = await instance(region);
  return [vm!, ...(await make(region, { operation, name: "golden", of: vm }))];
}

const STORIES: readonly Story[] = [
  {
    title: "an instance with data disks is made",
    before: async () => [],
    step: (_, region) => ({ operation: "instanceOfFile", name: "made", of: join(region, "disk.raw") }),
  },
  {
    title: "a system image is made",
    before: instance,
    step: ([vm]) => ({ operation: "systemImage", name: "made", of: vm }),
  },
  {
    title: "a data image is made",
    before: instance,
    step: ([vm]) => ({ operation: "dataImage", name: "made", of: vm }),
  },
  {
    title: "a full image is made",
    before: instance,
    step: ([vm]) => ({ operation: "fullImage", name: "made", of: vm }),
  },
  {
    title: "a second full image is made",
    before: (region) => imageOf(region, "fullImage"),
    step: ([vm]) => ({ operation: "fullImage", name: "made", of: vm }),
  },
  {
    title: "an image is converted",
    before: imageOf,
    step: ([, image]) => ({ operation: "conversion", name: "made", of: image }),
  },
  {
    title: "an image is sealed from a file",
    before: async () => [],
    step: (_, region) => ({ operation: "imageOfFile", name: "made", of: join(region, "disk.raw") }),
  },
  {
    title: "an image is replicated, and the replica sealed",
    before: imageOf,
    step: ([, image]) => ({ operation: "replica", name: "made", of: image }),
  },
  {
    title: "a volume is made of a data image",
    before: (region) => imageOf(region, "dataImage"),
    step: ([, image]) => ({ operation: "volumeOfImage", name: "made", of: image }),
  },
  {
    title: "an image is exported to a folder",
    before: imageOf,
    step: ([, image], region) => ({ operation: "export", name: "made", of: image, to: join(region, "out") }),
  },
  {
    title: "an instance is made of a full image",
    before: (region) => imageOf(region, "fullImage"),
    step: ([, image]) => ({ operation: "instanceOfImage", name: "made", of: image }),
  },
];

describe("a process that is killed at a named point", function () {
  this.timeout(300_000);

  for (const { title, before, step } of STORIES) {
    it(`while ${title}, leaves what the next run makes one of, with nothing left over`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "images-crash-"));
      try {
        const template = join(folder, "template");
        await prepare(template);
        const ids = await before(template);
        const places = await killEverywhere(
          template,
          (region) => step(ids, region),
          async (region, at) => {
            await make(region, step(ids, region));
            expect(await brokenAtRest(region), at).to.deep.equal([]);
            expect(await madeIn(region), at).to.have.length(1);
          },
        );
        expect(places).to.include("finished#1");
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }

  for (const [what, index, operation] of [
    ["an instance", 0, "deleteInstance"],
    ["a full image that its instance still stands on", 1, "deleteImage"],
  ] as const) {
    it(`while ${what} is deleted, leaves nothing of it after the next run`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "images-crash-"));
      try {
        const template = join(folder, "template");
        await prepare(template);
        const ids = await imageOf(template, "fullImage");
        const step = { operation, name: "gone", of: ids[index] };
        const places = await killEverywhere(
          template,
          () => step,
          async (region, at) => {
            await start(region, { steps: [step, { operation: "tidy", name: "tidy" }] });
            expect(await brokenAtRest(region), at).to.deep.equal([]);
          },
        );
        expect(places).to.include("deleted#1");
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }

  it("while an instance is rebuilt, leaves the old or the new system disk, and never both", async () => {
    const folder = await mkdtemp(join(tmpdir(), "images-crash-"));
    try {
      const template = join(folder, "template");
      await prepare(template);
      const [vm, image] = await imageOf(template);
      const step: Step = { operation: "rebuild", name: vm!, of: image };
      const places = await killEverywhere(
        template,
        () => step,
        async (region, at) => {
          await make(region, step);
          expect(await brokenAtRest(region), at).to.deep.equal([]);
        },
      );
      expect(places).to.include("filled#1");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Kills the step at each point that it gets to, each time on a fresh region; returns the points. */
async function killEverywhere(
  template: string,
  step: (region: string) => Step,
  afterwards: (region: string, at: string) => Promise<void>,
): Promise<string[]> {
  const places: string[] = [];
  for (const place of killPlaces()) {
    const region = join(template, "..", "region");
    // Disks are sparse, which Node's own copy isn't.
    await run("cp", ["-R", template, region]);
    const { killed } = await start(region, { steps: [step(region)] }, place.at);
    if (killed) {
      await afterwards(region, place.at);
      places.push(place.at);
    } else {
      place.isLast();
    }
    await rm(region, { recursive: true });
  }
  return places;
}

/** Every point, as often as the operation gets there. */
function* killPlaces(): Generator<{ at: string; isLast(): void }> {
  for (const point of POINTS) {
    let reached = true;
    for (let time = 1; reached && time <= TIMES; time++) {
      yield { at: `${point}#${time}`, isLast: () => (reached = false) };
    }
  }
}

async function prepare(region: string): Promise<void> {
  await mkdir(join(region, "out"), { recursive: true });
  await writeFile(join(region, "disk.raw"), randomBytes(2 ** 20));
}

/** IDs of what the declaration `made` has made. */
async function madeIn(region: string): Promise<string[]> {
  const catalog = await openCatalog(region);
  try {
    const { images, instances, volumes, exports } = await catalog.snapshot();
    return [...images, ...instances, ...volumes, ...exports]
      .filter(({ origin }) => origin?.declaredBy.endsWith("::made"))
      .map(({ id }) => id);
  } finally {
    await catalog.close();
  }
}

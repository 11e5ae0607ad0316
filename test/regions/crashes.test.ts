import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { reached } from "../../provider/engine/kill-points";
import { newRegion } from "../support/regions/region-under-test";
import type { TestRegion } from "../support/regions/test-region";
import { brokenAtRest } from "./invariants";
import { make, makeApart, start } from "./start";
import { takeAll } from "./worker";
import type { Step } from "./worker";

/** What stands outside of the region. */
interface Files {
  disk: string;
  /** A new folder for each export. */
  out: string;
}

interface Story {
  title: string;
  /** Makes what the step works on; returns its ID. */
  before(region: TestRegion, files: Files): Promise<string[]>;
  step(ids: string[], files: Files): Step;
}

const instance = (region: TestRegion, { disk }: Files) =>
  makeApart(region, { operation: "instanceOfFile", name: "vm", of: disk });

async function imageOf(
  region: TestRegion,
  files: Files,
  operation: "systemImage" | "dataImage" | "fullImage" = "systemImage",
) {
  const [vm] = await instance(region, files);
  return [vm!, ...(await makeApart(region, { operation, name: "golden", of: vm }))];
}

const STORIES: readonly Story[] = [
  {
    title: "an instance with data disks is made",
    before: async () => [],
    step: (_, { disk }) => ({ operation: "instanceOfFile", name: "made", of: disk }),
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
    before: (region, files) => imageOf(region, files, "fullImage"),
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
    step: (_, { disk }) => ({ operation: "imageOfFile", name: "made", of: disk }),
  },
  {
    title: "an image is replicated, and the replica sealed",
    before: imageOf,
    step: ([, image]) => ({ operation: "replica", name: "made", of: image }),
  },
  {
    title: "a volume is made of a data image",
    before: (region, files) => imageOf(region, files, "dataImage"),
    step: ([, image]) => ({ operation: "volumeOfImage", name: "made", of: image }),
  },
  {
    title: "an image is exported to a folder",
    before: imageOf,
    step: ([, image], { out }) => ({ operation: "export", name: "made", of: image, to: out }),
  },
  {
    title: "an instance is made of a full image",
    before: (region, files) => imageOf(region, files, "fullImage"),
    step: ([, image]) => ({ operation: "instanceOfImage", name: "made", of: image }),
  },
];

describe("a process that is killed at a named point", function () {
  this.timeout(300_000);
  let folder: string;
  let template: TestRegion;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-crash-"));
    await writeFile(join(folder, "disk.raw"), randomBytes(2 ** 20));
    template = await newRegion();
  });
  afterEach(async () => {
    await template.remove();
    await rm(folder, { recursive: true });
  });

  let exports = 0;
  const files = (): Files => ({
    disk: join(folder, "disk.raw"),
    out: join(folder, `out-${++exports}`),
  });

  for (const { title, before, step } of STORIES) {
    it(`while ${title}, leaves what the next run makes one of, with nothing left over`, async () => {
      const ids = await before(template, files());
      const places = await killEverywhere(
        template,
        () => step(ids, files()),
        async (region, killed, at) => {
          await make(region, killed);
          expect(await brokenAtRest(region), at).to.deep.equal([]);
          expect(await madeIn(region), at).to.have.length(1);
        },
      );
      expect(places).to.include("finished#1");
    });
  }

  for (const [what, index, operation] of [
    ["an instance", 0, "deleteInstance"],
    ["a full image that its instance still stands on", 1, "deleteImage"],
  ] as const) {
    it(`while ${what} is deleted, leaves nothing of it after the next run`, async () => {
      const ids = await imageOf(template, files(), "fullImage");
      const places = await killEverywhere(
        template,
        () => ({ operation, name: "gone", of: ids[index] }),
        async (region, step, at) => {
          await takeAll(region.endpoint, [step, { operation: "tidy", name: "tidy" }]);
          expect(await brokenAtRest(region), at).to.deep.equal([]);
        },
      );
      expect(places).to.include("deleted#1");
    });
  }

  it("while an instance is rebuilt, leaves the old or the new system disk, and never both", async () => {
    const [vm, image] = await imageOf(template, files());
    const places = await killEverywhere(
      template,
      () => ({ operation: "rebuild", name: vm!, of: image }),
      async (region, step, at) => {
        await make(region, step);
        expect(await brokenAtRest(region), at).to.deep.equal([]);
      },
    );
    expect(places).to.include("filled#1");
  });
});

/** Kills the step at each point that it gets to, each time on a fresh region; returns the points. */
async function killEverywhere(
  template: TestRegion,
  step: () => Step,
  afterwards: (region: TestRegion, step: Step, at: string) => Promise<void>,
): Promise<string[]> {
  const places = await onCopy(template, (region) => placesOf(region, step()));
  for (const at of places) {
    await onCopy(template, async (region) => {
      const dying = step();
      const { killed } = await start(region, { steps: [dying] }, at);
      expect(killed, `is killed at ${at}`).to.equal(true);
      await afterwards(region, dying, at);
    });
  }
  return places;
}

async function onCopy<T>(template: TestRegion, work: (region: TestRegion) => Promise<T>): Promise<T> {
  const region = await template.copy();
  try {
    return await work(region);
  } finally {
    await region.remove();
  }
}

/** Each point, as often as the step gets there. */
async function placesOf(region: TestRegion, step: Step): Promise<string[]> {
  reached.clear();
  const [answer] = await takeAll(region.endpoint, [step]);
  expect(answer, "undisturbed").to.have.any.keys("id", "done");
  return [...reached].flatMap(([point, times]) =>
    Array.from({ length: times }, (_, index) => `${point}#${index + 1}`),
  );
}

/** IDs of what the declaration `made` has made. */
async function madeIn(region: TestRegion): Promise<string[]> {
  const catalog = await region.openCatalog();
  try {
    const { images, instances, volumes, exports } = await catalog.snapshot();
    return [...images, ...instances, ...volumes, ...exports]
      .filter(({ origin }) => origin?.declaredBy.endsWith("::made"))
      .map(({ id }) => id);
  } finally {
    await catalog.close();
  }
}

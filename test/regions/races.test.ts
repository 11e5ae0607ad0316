import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { newRegion } from "../support/regions/region-under-test";
import type { TestRegion } from "../support/regions/test-region";
import { brokenAtRest, brokenNow } from "./invariants";
import { ACCOUNTS } from "./random-work";
import { make, start } from "./start";
import type { Answer } from "./worker";

const PROCESSES = 32;
/** Longer by hand: IMAGES_RACE_SECONDS=600 npm test. */
const SECONDS = Number(process.env.IMAGES_RACE_SECONDS ?? 60);

describe("many processes on one region", function () {
  // 32 processes on a machine that has two slow cores, and other work.
  this.timeout(300_000);
  let region: TestRegion;
  beforeEach(async () => {
    region = await newRegion();
  });
  afterEach(() => region.remove());

  async function accounts(names: readonly string[]): Promise<void> {
    const lines = names.map((name) => `  - name: ${name}`).join("\n");
    await region.apply(`region: local\naccounts:\n${lines}\n`);
  }

  function refusals(answers: readonly Answer[]): string[] {
    return answers.flatMap((answer) => ("refused" in answer ? [answer.refused] : []));
  }

  async function race(step: (index: number) => Parameters<typeof make>[1]): Promise<Answer[]> {
    const runs = Array.from({ length: PROCESSES }, (_, index) => start(region, { steps: [step(index)] }));
    return (await Promise.all(runs)).flatMap(({ answers }) => answers);
  }

  it("fill a quota of five images exactly: 32 at once make 5, and 27 are refused by name", async () => {
    const [instance] = await make(region, { operation: "instance", name: "vm" });
    const answers = await race((index) => ({
      operation: "systemImage",
      name: `image-${index}`,
      of: instance,
    }));
    const refused = refusals(answers);
    expect(answers.filter((answer) => "id" in answer)).to.have.length(5);
    expect(refused).to.have.length(27);
    for (const reason of refused) expect(reason).to.match(/allows account default 5 private images/);
    expect(await brokenAtRest(region)).to.deep.equal([]);
  });

  it("share an image with five members at most", async () => {
    const members = Array.from({ length: PROCESSES }, (_, index) => `member-${index}`);
    await accounts(["default", ...members]);
    const [instance] = await make(region, { operation: "instance", name: "vm" });
    const [image] = await make(region, { operation: "systemImage", name: "golden", of: instance });
    const answers = await race((index) => ({
      operation: "share",
      name: `share-${index}`,
      of: image,
      account: `member-${index}`,
    }));
    expect(answers.filter((answer) => "id" in answer)).to.have.length(5);
    expect(refusals(answers)).to.have.length(27);
    expect(await brokenAtRest(region)).to.deep.equal([]);
  });

  it("give an account five accepted shares at most", async () => {
    await region.apply(
      "region: local\naccounts:\n  - name: default\n    quotas:\n      privateImages: 32\n  - name: member\n",
    );
    const [instance] = await make(region, { operation: "instance", name: "vm" });
    const images = await make(
      region,
      ...Array.from({ length: PROCESSES }, (_, index) => ({
        operation: "systemImage" as const,
        name: `image-${index}`,
        of: instance,
      })),
    );
    const answers = await race((index) => ({
      operation: "share",
      name: `share-${index}`,
      of: images[index],
      account: "member",
    }));
    expect(answers.filter((answer) => "id" in answer)).to.have.length(5);
    expect(refusals(answers)).to.have.length(27);
    expect(await brokenAtRest(region)).to.deep.equal([]);
  });

  it(`keep every rule at every moment, while 8 work at random for ${SECONDS} s`, async function () {
    this.timeout((SECONDS + 240) * 1000);
    await accounts(ACCOUNTS);
    await make(region, { operation: "instance", name: "first" });
    const seed = Number(process.env.IMAGES_RACE_SEED ?? Date.now() % 1e6);
    const workers = Array.from({ length: 8 }, (_, index) =>
      start(region, { seed: seed * 8 + index, ms: SECONDS * 1000 }),
    );
    let working = true;
    const done = Promise.all(workers).finally(() => (working = false));
    const reader = await region.openCatalog();
    let looks = 0;
    for (; working; looks++) {
      expect(await brokenNow(region, reader), `seed ${seed}, look ${looks}`).to.deep.equal([]);
      await pause(20);
    }
    await reader.close();
    const answers = (await done).flatMap((run) => run.answers);
    expect(
      answers.filter((answer) => "failed" in answer),
      `seed ${seed}`,
    ).to.deep.equal([]);
    expect(answers.filter((answer) => "id" in answer).length, "made").to.be.greaterThan(20);
    expect(looks).to.be.greaterThan(20);
    expect(await brokenAtRest(region), `seed ${seed}`).to.deep.equal([]);
  });
});

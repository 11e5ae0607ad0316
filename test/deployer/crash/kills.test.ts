import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { readJournal } from "../../../deployer/state/journal-reader";
import type { ResourceState } from "../../../deployer/state/resource-state";
import type { Verb } from "../../support/engines";
import { images, startImages } from "../../support/engines";
import { succeeded } from "../../support/expectations";
import type { Project } from "../../support/project";
import { regionUnderTest } from "../../support/regions/region-under-test";
import { look, resources, stateFile } from "../../support/world";
import { callsOf, forgetCalls, makeHundred, removeThings, setVersion, things } from "./hundred-resources";
import type { Reach } from "./kill";
import { killProcess } from "./kill";

/** More by hand: CRASH_KILLS=100. Twice for each phase and reach; what a region has to do with it is the kind of it only. */
const KILLS = Number(process.env.CRASH_KILLS ?? { embedded: 12, team: 6 }[regionUnderTest]);
const SEED = Number(process.env.CRASH_SEED ?? 1);

/** What is done to the stack, one after another: each is killed once, and then run again. */
const PHASES: { title: string; verb: Verb; version?: number }[] = [
  { title: "creating", verb: "up", version: 1 },
  { title: "changing and replacing", verb: "up", version: 2 },
  { title: "destroying", verb: "destroy" },
];

interface Tally {
  kills: number;
  /** Kills that left a journal for the next run. */
  cutOff: number;
  /** Creations of things that were repeated, all of which were told as not known. */
  repeated: number;
}

describe("a run of a hundred resources that is killed with SIGKILL", function () {
  this.timeout(KILLS * 60_000);
  const random = mulberry32(SEED);
  const tally: Tally = { kills: 0, cutOff: 0, repeated: 0 };
  const expected = new Map<string, string[]>();
  const calls = new Map<string, number>();
  let project: Project;

  before(async () => {
    project = await makeHundred();
    for (const { title, verb, version } of PHASES) {
      if (version) await setVersion(project, version);
      await forgetCalls(project);
      succeeded(await images.run(project, verb, "--skip-preview"));
      expected.set(title, normalised(await resources(project)));
      calls.set(title, (await callsOf(project)).length);
    }
    expect(expected.get("creating")).to.have.length(102);
    expect(expected.get("destroying")).to.deep.equal([]);
  });
  after(async () => {
    await project.remove();
    if (process.env.CRASH_KILLS) console.log(JSON.stringify({ seed: SEED, ...tally }));
  });

  for (let kill = 0; kill < KILLS; kill++) {
    const { title, verb, version } = PHASES[kill % PHASES.length]!;
    const reach: Reach = kill % 2 ? "alone" : "with all that it started";
    it(`while ${title}, ${reach} (${kill + 1}), is taken up by the next, and ends as if it hadn't been`, async () => {
      if (version) await setVersion(project, version);
      await forgetCalls(project);
      const before = await things(project);
      let killed: Kill;
      do killed = await killOnce(verb, reach, Math.floor(random() * calls.get(title)!), random() * 40);
      while (!killed.inTime);

      const run = succeeded(await images.run(project, verb, "--skip-preview"));
      tally.kills++;
      if (killed.cutOff) {
        tally.cutOff++;
        expect(run.text).to.match(/! The last run \(\w+, started .*, process \d+\) was cut off\./);
      }
      if (killed.locked) expect(run.text).to.match(/Took over the lock of process \d+/);
      const state = normalised(await resources(project));
      const wanted = expected.get(title)!;
      expect({
        missing: wanted.filter((it) => !state.includes(it)),
        further: state.filter((it) => !wanted.includes(it)),
      }).to.deep.equal({ missing: [], further: [] });
      expect(state).to.have.length(wanted.length);
      await expectNothingLeft(project);
      await expectCreatedOnce(run.text, before);
      await expectImages(title);
    });
  }

  interface Kill {
    /** It was still at work. */
    inTime: boolean;
    cutOff: boolean;
    locked: boolean;
  }

  /** Kills a run some time after the provider's n-th call; a run that won the race is one more undisturbed run. */
  async function killOnce(verb: Verb, reach: Reach, call: number, delay: number): Promise<Kill> {
    const run = startImages(project, verb, "--skip-preview");
    let ended = false;
    const end = run.ended.then(() => (ended = true));
    // The first sixth of the kills are at any moment of the start.
    if (random() < 1 / 6) await Promise.race([end, pause(random() * 1500)]);
    else {
      while (!ended && (await callsOf(project)).length <= call) await pause(2);
      await Promise.race([end, pause(delay)]);
    }
    const inTime = !ended;
    killProcess(run.pid, reach);
    await end;
    const files = await stackFiles();
    const journal = await readJournal(files.journal);
    return {
      inTime: inTime && (await run.ended).code === null,
      cutOff: journal !== undefined && journal.saving === undefined,
      locked: (await readdir(files.locks).catch(() => [])).some((name) => name.endsWith(".json")),
    };
  }

  async function stackFiles(): Promise<{ journal: string; locks: string }> {
    const journal = stateFile(project).replace(/json$/, "journal");
    const locks = path.join(project.dir, ".pulumi", "locks", "organization", project.name, "dev");
    return { journal, locks };
  }

  async function expectNothingLeft({ dir, name }: Project): Promise<void> {
    expect(await readdir(path.join(dir, ".pulumi", "stacks", name))).to.have.members([
      "dev.json",
      "dev.json.bak",
    ]);
    expect(await readdir((await stackFiles()).locks)).to.deep.equal([]);
  }

  /** What stands is what the state has; a second creation of a thing was told as one whose outcome isn't known. */
  async function expectCreatedOnce(text: string, before: readonly string[]): Promise<void> {
    const known = (await resources(project)).map(({ id }) => id);
    const standing = await things(project);
    const strays = standing.filter((id) => !known.includes(id));
    const nameOf = (id: string): string => id.replace(/-[0-9a-f]{8}$/, "");
    expect(standing).to.include.members(known.filter((id) => id?.startsWith("thing")));
    for (const stray of strays) {
      expect(before, `${stray} was forgotten`).not.to.include(stray);
      expect(text).to.match(new RegExp(`cut off while creating Thing ${nameOf(stray)}: whether`));
    }
    const created = (await callsOf(project)).filter((call) => call.startsWith("create "));
    const twice = created.filter((call, index) => created.indexOf(call) !== index);
    for (const call of twice)
      expect(text).to.match(new RegExp(`cut off while creating Thing ${call.slice(7)}: whether`));
    tally.repeated += twice.length;
    await removeThings(project, strays);
  }

  async function expectImages(title: string): Promise<void> {
    const { records, contents, resources } = await look(project);
    const ids = resources.map(({ id }) => id).filter((id) => /^(img|i)-/.test(id ?? ""));
    const standing = [...records.images, ...records.instances].map(({ id }) => id);
    expect(standing).to.have.members(ids as string[]);
    expect(standing).to.have.length(title === "destroying" ? 0 : 4);
    expect(contents.length).to.equal(title === "destroying" ? 0 : 4);
  }
});

/** A line a resource, without what differs from run to run. */
function normalised(resources: readonly ResourceState[]): string[] {
  return resources
    .map((it) =>
      JSON.stringify({ ...it, created: undefined, modified: undefined })
        .replace(/\b(img|i|file|snap|thing\d+-\d+)-[0-9a-f]{8,}/g, "$1-*")
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "*")
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "*")
        .replace(/"ciphertext":"[^"]*"/g, '"ciphertext":"*"'),
    )
    .sort();
}

/** A small seeded generator of numbers from 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

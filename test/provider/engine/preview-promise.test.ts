import fc from "fast-check";
import { expect } from "chai";
import type { Architecture } from "../../../provider/engine/model";
import type { Maybe, Reference } from "../../../provider/engine/requests";
import { byId, byName, CENTOS, reasons, refusal, World } from "./world";
import type { TestRun } from "./world";

/** One declaration of a random program. Numbers choose among what the program declares before it. */
type Step =
  | { kind: "instance"; from: number; type: Architecture; size: number; account: string }
  | { kind: "image"; from: number; stated?: Architecture; minDisk?: number; account: string }
  | { kind: "conversion"; from: number; account: string }
  | { kind: "share"; from: number; member: string; account: string };

const account = fc.oneof(
  { arbitrary: fc.constant("default"), weight: 9 },
  { arbitrary: fc.constant("team-1"), weight: 1 },
);
const type = fc.constantFrom<Architecture>("localDisk", "cloudDisk");
const from = fc.nat({ max: 5 });
const instance = fc.record({
  kind: fc.constant("instance" as const),
  from,
  type,
  size: fc.constantFrom(20, 20, 40),
  account,
});
const image = fc.record({
  kind: fc.constant("image" as const),
  from,
  stated: fc.option(type, { freq: 1, nil: undefined }),
  minDisk: fc.constantFrom(undefined, undefined, 40),
  account,
});
const conversion = fc.record({ kind: fc.constant("conversion" as const), from, account });
const share = fc.record({
  kind: fc.constant("share" as const),
  from,
  member: fc.constantFrom("team-1", "team-2", "team-3"),
  account,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: instance, weight: 2 },
  { arbitrary: image, weight: 4 },
  { arbitrary: conversion, weight: 2 },
  { arbitrary: share, weight: 4 },
);
const machines: Step[] = [
  { kind: "instance", from: 0, type: "localDisk", size: 20, account: "default" },
  { kind: "instance", from: 0, type: "cloudDisk", size: 20, account: "default" },
];
const program = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 10 }).map((steps) => [...machines, ...steps]),
  /** The second version: a step of the same kind takes its place, one of another kind drops it. */
  edits: fc.array(fc.option(step, { freq: 2 }), { maxLength: 12 }),
  additions: fc.array(step, { maxLength: 5 }),
  /** The kinds whose resources say so. */
  deleteBeforeReplace: fc.subarray<Step["kind"]>(["instance", "image", "conversion", "share"]),
  /** Whether the second version holds the first thing that its preview refuses. */
  overreaches: fc.boolean(),
});

/** The kinds of program step that make what another step can be made from. */
const sources = {
  instance: ["image", "conversion"],
  image: ["instance"],
  conversion: ["image", "conversion"],
  share: ["image", "conversion"],
};

interface Declared {
  name: string;
  step: Step;
  source?: string;
}

/** Gives each step its name and the name of its source. */
function declare(steps: Step[]): Declared[] {
  const declared: Declared[] = [];
  steps.forEach((step, index) => {
    const candidates = declared.filter(({ step: { kind } }) => sources[step.kind].includes(kind));
    // An instance may also come from a public image.
    const choices = candidates.length + (step.kind === "instance" ? 1 : 0);
    const source = candidates[step.from % Math.max(1, choices)]?.name;
    declared.push({ name: `${step.kind}-${index}`, step, source });
  });
  return declared;
}

interface Standing {
  id: string;
  token: string;
  declared: Declared;
}
type State = Map<string, Standing>;

/** A stand-in for Pulumi: the order of its calls, and nothing else. */
class Pulumi {
  private readonly old: State;
  private readonly made = new Map<string, string>();
  /** What is deleted before its replacement, by its own wish or with what it depends on. */
  private readonly deletedFirst = new Set<string>();

  constructor(
    private readonly run: TestRun,
    private readonly state: State,
    private readonly declared: Declared[],
    private readonly deleteBeforeReplace: readonly Step["kind"][],
  ) {
    this.old = new Map(state);
  }

  /** Checks everything in turn; returns what is refused. In a preview the ID of what will be made isn't known. */
  async preview(): Promise<string> {
    let refused = "";
    for (const one of this.declared) {
      const { reasons } = await this.check(one, (name) =>
        this.old.has(name) && !this.isReplaced(name) ? byId(this.old.get(name)!.id) : byName(name),
      );
      refused += reasons;
    }
    return refused;
  }

  /** Checks and makes everything in turn, then deletes what was replaced or dropped. */
  async up(): Promise<string> {
    let refused = "";
    for (const one of this.declared) {
      const { reasons, request, replaced } = await this.check(one, (name) =>
        byId(this.made.get(name) ?? this.old.get(name)!.id),
      );
      refused += reasons;
      const standing = this.old.get(one.name);
      if (standing && !replaced) {
        await operations(this.run, one.step).update(standing.id, request as never);
        this.state.set(one.name, { ...standing, declared: one });
        continue;
      }
      if (standing && this.deletedFirst.has(one.name)) await this.delete(one.name);
      const { id } = await operations(this.run, one.step).create(request as never);
      this.made.set(one.name, id);
      this.state.set(one.name, { id, token: request.declaration.creationToken, declared: one });
    }
    const names = new Set(this.declared.map(({ name }) => name));
    for (const name of [...this.old.keys()].reverse()) {
      if (this.made.has(name) ? !this.deletedFirst.has(name) : !names.has(name)) await this.delete(name);
      if (!names.has(name)) this.state.delete(name);
    }
    return refused;
  }

  private async check({ name, ...rest }: Declared, known: (name: string) => Reference) {
    const one = { name, ...rest };
    const { step } = one;
    const source = one.source === undefined ? undefined : known(one.source);
    const replaced = this.isReplaced(name);
    const deleteBeforeReplace = this.deleteBeforeReplace.includes(step.kind);
    const base = { account: step.account, deleteBeforeReplace };
    const standing = this.old.get(name);
    let found = "";
    // What is gone already has no old inputs.
    if (standing && !this.deletedFirst.has(name)) {
      const kept = requestOf(this.run, one, source, { ...base, oldToken: standing.token });
      found = reasons(await operations(this.run, step).check(kept as never));
      kept.declaration.creationToken = standing.token;
      if (!replaced) return { reasons: found, replaced, request: kept };
      if (deleteBeforeReplace) this.deleteFirst(name);
    }
    const request = requestOf(this.run, one, source, base);
    found += reasons(await operations(this.run, step).check(request as never));
    return { reasons: found, replaced, request };
  }

  private isReplaced(name: string): boolean {
    const standing = this.old.get(name);
    const now = this.declared.find((one) => one.name === name);
    if (!standing || !now) return false;
    if (this.deletedFirst.has(name)) return true;
    const { step, source } = standing.declared;
    if (step.account !== now.step.account) return true;
    if (step.kind === "instance" && now.step.kind === "instance") {
      return step.type !== now.step.type || step.size !== now.step.size;
    }
    if (source !== now.source || (source !== undefined && this.isReplaced(source))) return true;
    return step.kind === "share" && now.step.kind === "share" && step.member !== now.step.member;
  }

  /** With what is deleted first goes what depends on it in the state and can't do without: all but instances. */
  private deleteFirst(name: string): void {
    this.deletedFirst.add(name);
    for (const [dependent, { declared }] of this.old) {
      if (declared.source === name && declared.step.kind !== "instance") this.deleteFirst(dependent);
    }
  }

  private gone = new Set<string>();
  private async delete(name: string): Promise<void> {
    if (this.gone.has(name)) return;
    this.gone.add(name);
    for (const [dependent, { declared }] of this.old) {
      if (declared.source === name && this.deletedFirst.has(dependent)) await this.delete(dependent);
    }
    const { id, declared } = this.old.get(name)!;
    await operations(this.run, declared.step).remove(id);
  }
}

function operations(run: TestRun, { kind }: Step) {
  const { engine } = run;
  return {
    instance: engine.instances,
    image: engine.images,
    conversion: engine.conversions,
    share: engine.shares,
  }[kind];
}

function requestOf(
  run: TestRun,
  { name, step, source: declaredSource }: Declared,
  source: Reference | undefined,
  declaration: { account: Maybe<string>; oldToken?: string; deleteBeforeReplace: boolean },
) {
  const reference = source ?? byId(declaredSource ?? "img-none");
  switch (step.kind) {
    case "instance":
      return run.instance(
        name,
        { image: source ?? byId(CENTOS), systemDisk: { type: step.type, size: step.size } },
        declaration,
      );
    case "image":
      return run.image(name, reference, { architecture: step.stated, minDisk: step.minDisk }, declaration);
    case "conversion":
      return run.conversion(name, reference, {}, declaration);
    case "share":
      return run.share(name, reference, step.member, {}, declaration);
  }
}

/** The second version of a program; what stays keeps its name. */
function edited(steps: Step[], edits: (Step | null)[], additions: Step[]): Declared[] {
  const next = steps.map((step, index) => (edits[index]?.kind === step.kind ? edits[index] : step));
  const dropped = new Set(
    steps.flatMap(({ kind }, i) => (edits[i] && edits[i].kind !== kind ? [`${kind}-${i}`] : [])),
  );
  return declare([...next, ...additions]).filter(({ name }) => !dropped.has(name));
}

/** The steps that a preview lets stand, one after another: a program that it passes as a whole; and the first that it refuses. */
async function passing(
  world: World,
  state: State,
  declared: Declared[],
  deleteBeforeReplace: readonly Step["kind"][],
) {
  const kept: Declared[] = [];
  let refused: Declared | undefined;
  for (const one of declared) {
    if (one.source !== undefined && !kept.some(({ name }) => name === one.source)) continue;
    const pulumi = new Pulumi(world.run(), state, [...kept, one], deleteBeforeReplace);
    if ((await pulumi.preview()) === "") kept.push(one);
    else if (one.source !== undefined) refused ??= one;
  }
  return { kept, refused };
}

describe("the promise of the preview", () => {
  it("holds: what check lets pass, create, update and remove accept, and they refuse what it refuses", async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(program, async ({ steps, edits, additions, deleteBeforeReplace, overreaches }) => {
        const world = new World({ privateImages: 3, snapshots: 2, membersPerImage: 2, acceptedShares: 2 });
        const state: State = new Map();
        const { kept: first } = await passing(world, state, declare(steps), []);
        expect(await new Pulumi(world.run(), state, first, []).up()).to.equal("");

        const next = edited(steps, edits, additions);
        const { kept: second, refused } = await passing(world, state, next, deleteBeforeReplace);
        const wanted = overreaches && refused ? [...second, refused] : second;
        const reasons = await new Pulumi(world.run(), state, wanted, deleteBeforeReplace).preview();
        const up = new Pulumi(world.run(), state, wanted, deleteBeforeReplace).up();
        if (reasons === "") expect(await up).to.equal("");
        else expect(await refusal(up), reasons).not.to.equal("");
      }),
      { numRuns: 200 },
    );
  });
});

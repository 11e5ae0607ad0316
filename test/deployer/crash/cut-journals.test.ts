import { expect } from "chai";
import type { JournalEntry } from "../../../deployer/engine/journal";
import { fold } from "../../../deployer/engine/journal";
import { checkIntegrity } from "../../../deployer/state/integrity";
import type { Snapshot } from "../../../deployer/state/resource-state";
import { MemoryStackStore } from "../engine/memory-stack-store";
import { ProgramFolder } from "../engine/program-folder";

const CHAIN = (r: number, first: boolean): string => `
  const a = new Thing("a", { r: ${r}, first: ${first} });
  const b = new Thing("b", { rFrom: a.made }, { parent: a });
  const c = new Thing("c", { from: b.made }, { dependsOn: a });
  new Group("group", undefined, (parent) => new Thing("d", { r: ${r}, from: c.made }, { parent, deletedWith: a }).made);`;

/** Programs that follow one another on one stack; the last of each is looked at. */
const HISTORIES: Record<string, string[]> = {
  "a first run": [CHAIN(1, false)],
  "replacements that create first": [CHAIN(1, false), CHAIN(2, false)],
  "replacements that delete first, with dependents": [CHAIN(1, true), CHAIN(2, true)],
  "a replacement of what others are parents of and depend on": [
    `const a = new Thing("a", { r: 1 }); const g = new Group("g", { parent: a }); new Thing("b", {}, { parent: g });`,
    `const a = new Thing("a", { r: 2 }); const g = new Group("g", { parent: a }); new Thing("b", {}, { parent: g });`,
  ],
  "moves to another parent": [
    `const g = new Group("g"); const a = new Thing("a", {}, { parent: g }); new Thing("b", {}, { parent: a, dependsOn: a });`,
    `const moved = (path, name) => ({ aliases: ["urn:pulumi:dev::test::test:index:Group$" + path + "::" + name] });
     const thing = "pulumi-nodejs:dynamic/test:Thing";
     const h = new Group("h");
     const a = new Thing("a", { x: 1 }, { parent: h, ...moved(thing, "a") });
     new Thing("c", {}, { parent: a, dependsOn: a, ...moved(thing + "$" + thing, "b") });`,
  ],
  "another provider": [
    `const p = new pulumi.ProviderResource("pulumi-nodejs", "p", {}); new Thing("a", {}, { provider: p });`,
    `const q = new pulumi.ProviderResource("pulumi-nodejs", "q", {}); new Thing("a", {}, { provider: q }); new Thing("b", {});`,
  ],
  "deletions, and a failure among them": [
    `const s = new Thing("s", { stuck: "no" }); const a = new Thing("a", {}, { dependsOn: s }); new Thing("b", {}, { parent: a });`,
    `new Thing("c", {});`,
  ],
  "creations of which some fail": [
    `new Thing("a", {});`,
    `const a = new Thing("a", { x: 2 }); new Thing("half", { half: "no" }, { dependsOn: a }); new Thing("bad", { fail: "no" }); new Thing("c", {});`,
  ],
};

/** Keeps the lines of the last run's journal, as they would be on disk. */
class JournalledStore extends MemoryStackStore {
  lines: JournalEntry[][] = [];
  base: Snapshot = { resources: [], pendingOperations: [] };

  override async begin(...begun: Parameters<MemoryStackStore["begin"]>) {
    const session = await super.begin(...begun);
    this.lines = [];
    this.base = structuredClone(session.base);
    return {
      ...session,
      append: (...entries: JournalEntry[]) => void this.lines.push(structuredClone(entries)),
    };
  }
}

/** Whatever the moment, what the journal makes of the base is a state that can be saved and carried on with. */
function expectSoundAtEveryLine({ lines, base }: JournalledStore): void {
  expect(lines.length).to.be.above(1);
  for (let length = 0; length <= lines.length; length++) {
    const entries = lines.slice(0, length).flat();
    const snapshot = fold(base, entries);
    checkIntegrity(snapshot, `the state after line ${length} (${JSON.stringify(lines[length - 1])})`);
    expectAllKnown(snapshot, entries);
  }
}

/** What was created and not deleted since is in the state, or pending. */
function expectAllKnown(snapshot: Snapshot, entries: readonly JournalEntry[]): void {
  const known = new Set(snapshot.resources.map(({ urn, id }) => `${urn} ${id}`));
  const deleted = new Set(
    entries.flatMap((it) =>
      it.kind === "begin" && it.operation === "deleting" ? [`${it.resource.urn} ${it.resource.id}`] : [],
    ),
  );
  for (const entry of entries) {
    if (entry.kind !== "end" || !entry.state?.id || entry.state.type.startsWith("pulumi:providers")) continue;
    const key = `${entry.state.urn} ${entry.state.id}`;
    if (!deleted.has(key)) expect([...known]).to.include(key);
  }
}

describe("a journal that is cut off at any line", () => {
  let program: ProgramFolder;
  let store: JournalledStore;
  beforeEach(async () => {
    program = await ProgramFolder.make();
    store = new JournalledStore();
  });
  afterEach(() => program.remove());

  for (const [what, programs] of Object.entries(HISTORIES)) {
    it(`makes a state of integrity, and forgets nothing: ${what}`, async () => {
      for (const body of programs) {
        await program.write(body);
        const { errors } = await program.run("up", { skipPreview: true, store });
        if (!/fail/.test(what)) expect(errors).to.deep.equal([]);
      }
      expectSoundAtEveryLine(store);
    });
  }

  it("makes a state of integrity in a destroy", async () => {
    await program.write(CHAIN(1, true));
    await program.run("up", { skipPreview: true, store });
    await program.run("destroy", { store });
    expectSoundAtEveryLine(store);
    expect(store.snapshot.resources).to.deep.equal([]);
  });

  it("makes a state of integrity in a refresh that finds some gone", async () => {
    await program.write(CHAIN(1, true));
    await program.run("up", { skipPreview: true, store });
    await program.file("gone-a");
    await program.file("gone-c");
    await program.run("refresh", { store });
    expectSoundAtEveryLine(store);
  });
});

import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { expect } from "chai";
import type { ReadJournal } from "../../../deployer/state/journal-reader";
import { readJournal } from "../../../deployer/state/journal-reader";
import type { UpdateSession } from "../../../deployer/state/stack-store";
import { failure, StackFolder, thing } from "../state/stack-folder";

/** A run that records two creations, of which one ends, and a replacement, and is there no more. */
async function leaveJournal(folder: StackFolder): Promise<void> {
  const session = await folder.store().begin("up");
  session.append({ kind: "begin", step: 1, operation: "creating", resource: thing("done") });
  session.append({ kind: "end", step: 1, state: thing("done") });
  session.append({
    kind: "begin",
    step: 2,
    operation: "creating",
    resource: thing("kept", { id: undefined }),
  });
  session.append(
    { kind: "end", step: 2, state: thing("kept", { id: "kept-2" }) },
    { kind: "change", target: { base: 0 }, state: thing("kept", { delete: true }) },
  );
  session.append({ kind: "begin", step: 3, operation: "creating", resource: thing("lost") });
  await session.flush();
  await rm(folder.files.locks, { recursive: true });
  // Without its lock it leaves its files as they are.
  await failure(session.finish(session.base, "failed"));
}

const ids = ({ base }: UpdateSession): (string | undefined)[] => base.resources.map(({ id }) => id);

describe("a journal that was left and damaged", () => {
  let folder: StackFolder;
  let whole: Buffer;
  let sound: ReadJournal;

  beforeEach(async () => {
    folder = await StackFolder.make();
    const session = await folder.store().begin("up");
    await session.finish({ resources: [thing("kept")], pendingOperations: [] }, "succeeded");
    await leaveJournal(folder);
    whole = await readFile(folder.files.journal);
    sound = (await readJournal(folder.files.journal))!;
    expect(sound.entries).to.have.length(6);
  });
  afterEach(() => folder.remove());

  const put = (content: Buffer): Promise<void> => writeFile(folder.files.journal, content);

  it("loses no more than the line that was torn, at whichever byte, and never half of what belongs together", async () => {
    const file = folder.files.journal;
    const first = whole.indexOf("\n") + 1;
    const entriesOfLines = [1, 1, 1, 2, 1];
    for (let length = first; length <= whole.length; length++) {
      await put(whole.subarray(0, length));
      const lines = whole.subarray(first, length).filter((byte) => byte === 10).length;
      const wanted = entriesOfLines.slice(0, lines).reduce((sum, it) => sum + it, 0);
      const read = await readJournal(file);
      expect(read!.entries, `cut after byte ${length}`).to.deep.equal(sound.entries.slice(0, wanted));
      expect(read!.damaged).to.equal(0);
    }
  });

  it("is nothing where its first line was torn: nothing had been done yet", async () => {
    for (let length = 0; length < whole.indexOf("\n"); length++) {
      await put(whole.subarray(0, length));
      expect(await readJournal(folder.files.journal)).to.equal(undefined);
    }
    const session = await folder.store().begin("up");
    expect(ids(session)).to.deep.equal(["kept-1"]);
    await session.finish(session.base, "succeeded");
  });

  it("is refused, or read up to the damage, for any byte that is flipped; nothing wrong is taken for right", async () => {
    let refused = 0;
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1 << (at % 8);
      await put(flipped);
      let read: ReadJournal | undefined;
      try {
        read = await readJournal(folder.files.journal);
      } catch (error) {
        expect((error as Error).message).to.match(/is damaged at line \d of \d\. It is left as it was\./);
        refused++;
        continue;
      }
      expect(read!.head).to.deep.equal(sound.head);
      expect(read!.entries.length, `byte ${at}`).to.be.below(sound.entries.length);
      expect(read!.entries).to.deep.equal(sound.entries.slice(0, read!.entries.length));
    }
    expect(refused).to.be.above(whole.length / 2);
  });

  it("of which the middle is damaged is refused with what to do, which works, and both files are left", async () => {
    const text = whole.toString();
    const damaged = text.replace(`"id":"done-1"`, `"id":"done-7"`);
    await put(Buffer.from(damaged));
    const before = await folder.checkpoint();
    const message = await failure(folder.store().begin("up"));
    expect(message).to.match(
      /^UserError: The journal .*dev\.journal is damaged at line 2 of 6.* keep a copy of it and remove line 2 and all after it.*`images refresh`/,
    );
    expect(await readFile(folder.files.journal, "utf8")).to.equal(damaged);
    expect(await folder.checkpoint()).to.equal(before);

    await put(Buffer.from(text.slice(0, text.indexOf("\n") + 1)));
    const session = await folder.store().begin("up");
    expect(ids(session)).to.deep.equal(["kept-1"]);
    await session.finish(session.base, "succeeded");
  });

  for (const [what, garbage] of Object.entries({
    zeros: "\0".repeat(100),
    "lines of something else": "not ours\n{}\n[]\nnor this",
    "an empty line": "\n",
  })) {
    it(`is taken up without ${what} at its end`, async () => {
      await put(Buffer.concat([whole, Buffer.from(garbage)]));
      const session = await folder.store().begin("up");
      expect(ids(session)).to.deep.equal(["kept-2", "done-1", "kept-1"].sort((a, b) => order(a) - order(b)));
      const isCopied = garbage.includes("\n");
      const told = session.recovered.filter((it) => it.includes("is damaged and is left out"));
      expect(told).to.have.length(isCopied ? 1 : 0);
      if (isCopied) {
        expect(told[0]).to.include(`${garbage.length} byte`);
        expect(await readFile(`${folder.files.journal}.damaged`)).to.deep.equal(
          Buffer.concat([whole, Buffer.from(garbage)]),
        );
      }
      await session.finish(session.base, "succeeded");
      expect((await folder.store().load()).snapshot.resources).to.have.length(3);
    });
  }

  it("beside a checkpoint that its backup was put in place of is refused, and taken up once that is undone as it says", async () => {
    const right = await folder.checkpoint();
    await cp(`${folder.files.checkpoint}.bak`, folder.files.checkpoint);
    const message = await failure(folder.store().begin("up"));
    expect(message).to.match(/^UserError: .*dev\.journal is left from a run that was cut off/);
    expect(message).to.include("created: Thing done (done-1)").and.to.include("while creating Thing lost");
    const [, copy] = /the state that it belongs to is (\S+): copy that to/.exec(message)!;
    expect(await readFile(copy!, "utf8")).to.equal(right);
    await cp(copy!, folder.files.checkpoint);
    const session = await folder.store().begin("up");
    expect(ids(session)).to.include.members(["done-1", "kept-2"]);
    await session.finish(session.base, "succeeded");
  });

  it("beside no checkpoint at all is refused in the same way", async () => {
    await rm(folder.files.checkpoint);
    expect(await failure(folder.store().load())).to.match(/the state that it belongs to is .*copy that to/);
    expect(await readFile(folder.files.journal)).to.deep.equal(whole);
  });

  it("is moved away as it says where the stack has been deployed to since; what it alone records is named", async () => {
    const since = (await folder.checkpoint()).replace("kept-1", "kept-9");
    await writeFile(folder.files.checkpoint, since);
    const message = await failure(folder.store().load());
    expect(message)
      .to.match(/deployed to since \(by the Pulumi CLI, after `pulumi cancel`\), move the journal away/)
      .and.include("created: Thing done (done-1)")
      .and.include("created: Thing kept (kept-2)");
    await rm(folder.files.journal);
    const session = await folder.store().begin("up");
    expect(ids(session)).to.deep.equal(["kept-9"]);
    await session.finish(session.base, "succeeded");
  });
});

const order = (id: string): number => ["done-1", "kept-2", "kept-1"].indexOf(id);

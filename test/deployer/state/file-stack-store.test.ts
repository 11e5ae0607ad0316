import { fork } from "node:child_process";
import { chmod, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { digestOf } from "../../../deployer/state/digest";
import { readJournal } from "../../../deployer/state/journal-reader";
import { JournalWriter } from "../../../deployer/state/journal-writer";
import { PropertyFile } from "../../../deployer/state/property-file";
import { secret } from "../../../deployer/wire/property-value";
import { failure, StackFolder, thing } from "./stack-folder";

describe("the state of a stack", () => {
  let folder: StackFolder;
  beforeEach(async () => {
    folder = await StackFolder.make();
  });
  afterEach(() => folder.remove());

  /** Lets a process of its own begin a run, record two creations of which one ends, and die by SIGKILL. */
  async function killedRun(): Promise<void> {
    const child = fork(join(__dirname, "killed-writer.js"), [folder.folder], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await new Promise((resolve) => child.once("message", resolve));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
  }

  it("is empty before the first run, and reading it writes nothing", async () => {
    expect(await folder.store().load()).to.deep.include({
      snapshot: { resources: [], pendingOperations: [] },
      recovered: [],
    });
    expect(await readdir(folder.folder)).to.deep.equal([]);
  });

  it("is laid out as the CLI does: checkpoint, meta, history, backups, and no journal or lock after a run", async () => {
    const session = await folder.store().begin("up");
    expect(await readdir(folder.files.locks)).to.have.length(1);
    await session.finish({ resources: [thing("a")], pendingOperations: [] }, "succeeded", { create: 1 });
    expect(await readFile(join(folder.folder, ".pulumi", "meta.yaml"), "utf8")).to.equal("version: 1\n");
    expect(await readdir(join(folder.files.checkpoint, ".."))).to.have.members(["dev.json", "dev.json.bak"]);
    expect(await readdir(folder.files.locks)).to.deep.equal([]);
    expect(await readdir(folder.files.backups)).to.have.length(1);
    const history = await readdir(folder.files.history);
    expect(history.map((name) => name.replace(/\d+/, "N")).sort()).to.deep.equal([
      "dev-N.checkpoint.json",
      "dev-N.history.json",
    ]);
    const record = JSON.parse(
      await readFile(
        join(
          folder.files.history,
          history.find((it) => it.includes("history"))!,
        ),
        "utf8",
      ),
    );
    expect(record).to.deep.include({
      kind: "update",
      result: "succeeded",
      resourceChanges: { create: 1 },
      version: 0,
    });
  });

  it("has no secret in plain text in any file", async () => {
    const session = await folder.store().begin("up");
    const state = thing("a", { inputs: { token: secret("hunter2") } });
    session.append({ kind: "begin", step: 0, operation: "creating", resource: state });
    await session.flush();
    expect(await readFile(folder.files.journal, "utf8"))
      .to.include("ciphertext")
      .and.not.to.include("hunter2");
    await session.finish({ resources: [state], pendingOperations: [] }, "succeeded");
    expect(await folder.checkpoint()).not.to.include("hunter2");
    expect((await folder.store().load()).snapshot.resources).to.deep.equal([state]);
  });

  it("keeps the ciphertext of a secret that doesn't change, and only that", async () => {
    const first = await folder.store().begin("up");
    const state = (token: string, other: string) =>
      thing("a", { inputs: { token: secret(token), other: secret(other) } });
    await first.finish({ resources: [state("t", "1")], pendingOperations: [] }, "succeeded");
    const ciphertexts = async () =>
      [...(await folder.checkpoint()).matchAll(/"ciphertext":"([^"]*)"/g)].map((it) => it[1]);
    const [other, token] = await ciphertexts();
    const second = await folder.store().begin("up");
    await second.finish({ resources: [state("t", "2")], pendingOperations: [] }, "succeeded");
    const after = await ciphertexts();
    expect(after[1]).to.equal(token);
    expect(after[0]).not.to.equal(other);
  });

  it("recovers what a killed run had done, its secrets too, and says what isn't known", async () => {
    await killedRun();
    const { snapshot, recovered } = await folder.store().load();
    expect(snapshot.resources).to.deep.equal([thing("done", { outputs: { token: secret("t") } })]);
    expect(snapshot.pendingOperations.map((it) => it.resource.urn)).to.deep.equal([thing("lost").urn]);
    expect(recovered).to.have.length(2);
    expect(recovered[0]).to.match(/The last run \(up, .*was cut off\. 1 step/);
    expect(recovered[1]).to.match(/cut off while creating Thing lost/);
  });

  it("leaves a killed run's files alone when it is only read", async () => {
    await killedRun();
    const before = await readFile(folder.files.journal, "utf8");
    await folder.store().load();
    expect(await readFile(folder.files.journal, "utf8")).to.equal(before);
    expect(await readdir(folder.files.locks)).to.have.length(1);
  });

  it("takes over the lock of a killed run, folds its journal into the checkpoint, and says so", async () => {
    await killedRun();
    const session = await folder.store().begin("up");
    expect(session.recovered[0]).to.match(/Took over the lock of process \d+/);
    expect(session.base.resources.map((it) => it.id)).to.deep.equal(["done-1"]);
    expect(await folder.checkpoint()).to.include("done-1");
    await session.finish(session.base, "succeeded");
    expect(await readdir(folder.files.locks)).to.deep.equal([]);
    expect((await folder.store().load()).snapshot.pendingOperations).to.have.length(1);
  });

  it("loses only the last line of a journal that was torn there, wherever it is torn", async () => {
    await killedRun();
    const whole = await readFile(folder.files.journal);
    const lastLine = whole.lastIndexOf("\n", whole.length - 2) + 1;
    for (let length = lastLine; length < whole.length; length += 37) {
      await writeFile(folder.files.journal, whole);
      await truncate(folder.files.journal, length);
      const { snapshot } = await folder.store().load();
      expect(
        snapshot.resources.map((it) => it.id),
        `torn at ${length}`,
      ).to.deep.equal(["done-1"]);
      expect(snapshot.pendingOperations).to.deep.equal([]);
    }
    const session = await folder.store().begin("up");
    expect(session.base.resources.map((it) => it.id)).to.deep.equal(["done-1"]);
    await session.finish(session.base, "succeeded");
  });

  it("of a first run that was killed is there for the CLI too, empty, behind the lock", async () => {
    await killedRun();
    const { checkpoint } = JSON.parse(await folder.checkpoint()) as { checkpoint: { latest: object } };
    expect(checkpoint.latest).to.have.property("secrets_providers");
    expect(checkpoint.latest).not.to.have.property("resources");
  });

  it("refuses a journal that is damaged before its end, and leaves it", async () => {
    await killedRun();
    const damaged = (await readFile(folder.files.journal, "utf8")).replace(`{"kind":"end"`, `{"kind:"end"`);
    await writeFile(folder.files.journal, damaged);
    expect(await failure(folder.store().load())).to.match(/UserError: .*damaged at line 3/);
    expect(await readFile(folder.files.journal, "utf8")).to.equal(damaged);
  });

  it("doesn't apply a journal twice where the checkpoint was saved and the journal outlived it", async () => {
    await killedRun();
    const journal = await readFile(folder.files.journal);
    const session = await folder.store().begin("up");
    const saved = await folder.checkpoint();
    await session.finish(session.base, "succeeded");
    await writeFile(folder.files.checkpoint, saved);
    await writeFile(folder.files.journal, journal);
    const read = await readJournal(folder.files.journal);
    const writer = await JournalWriter.resume(folder.files.journal, read!, new PropertyFile());
    await writer.seal(digestOf(saved));
    await writer.close();
    const { snapshot, recovered } = await folder.store().load();
    expect(snapshot.resources.map((it) => it.id)).to.deep.equal(["done-1"]);
    expect(recovered.join()).not.to.match(/The last run/);
  });

  it("refuses to join a journal with a checkpoint that something else has changed since", async () => {
    const session = await folder.store().begin("up");
    await session.finish({ resources: [thing("a")], pendingOperations: [] }, "succeeded");
    await killedRun();
    await writeFile(folder.files.checkpoint, (await folder.checkpoint()).replace("a-1", "b-1"));
    expect(await failure(folder.store().load())).to.match(/UserError: .*changed since by something else/);
    expect(await failure(folder.store().begin("up"))).to.match(/changed since/);
  });

  it("keeps checkpoint and journal where what a run made is broken", async () => {
    const session = await folder.store().begin("up");
    const orphan = thing("a", { parent: "urn:pulumi:dev::shop::a:b:C::gone" });
    session.append({ kind: "end", step: 0, state: orphan });
    const message = await failure(
      session.finish({ resources: [orphan], pendingOperations: [] }, "succeeded"),
    );
    expect(message).to.match(/has a parent that is missing/);
    expect(await readdir(join(folder.files.checkpoint, ".."))).to.have.members(["dev.json", "dev.journal"]);
    expect(await readdir(folder.files.locks)).to.deep.equal([]);
  });

  it("shares one write among flushes that come together, and every entry is there", async () => {
    const session = await folder.store().begin("up");
    const flushed = Array.from({ length: 200 }, (_, step) => {
      session.append({ kind: "end", step, state: thing(`t${step}`) });
      return session.flush();
    });
    await Promise.all(flushed);
    expect((await readFile(folder.files.journal, "utf8")).trimEnd().split("\n")).to.have.length(201);
    await session.finish(session.base, "succeeded");
  });

  it("is refused while another process holds it, which is named, and can be read meanwhile", async () => {
    const session = await folder.store().begin("up");
    session.append({ kind: "end", step: 0, state: thing("a") });
    await session.flush();
    expect(await failure(folder.store().begin("up"))).to.match(
      new RegExp(`UserError: .*locked by process ${process.pid} .*remove `),
    );
    const { recovered, snapshot } = await folder.store().load();
    expect(recovered).to.have.length(1);
    expect(recovered[0]).to.match(/Another run is changing/);
    expect(snapshot.resources).to.have.length(1);
    await session.finish(session.base, "succeeded");
    await (await folder.store().begin("up")).finish(session.base, "succeeded");
  });

  it("says which file can't be written in a read-only folder, and reads there all the same", async function () {
    if (process.getuid?.() === 0) this.skip();
    const session = await folder.store().begin("up");
    await session.finish({ resources: [thing("a")], pendingOperations: [] }, "succeeded");
    await chmod(folder.files.locks, 0o500);
    try {
      expect(await failure(folder.store().begin("up"))).to.match(
        /UserError: Locking stack dev.*permission denied/,
      );
      expect((await folder.store().load()).snapshot.resources).to.have.length(1);
    } finally {
      await chmod(folder.files.locks, 0o700);
    }
  });
});

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { ProgramFolder } from "./program-folder";

describe("up", () => {
  let program: ProgramFolder;
  beforeEach(async () => (program = await ProgramFolder.make()));
  afterEach(() => program.remove());

  it("makes what the program declares, and hands outputs on", async () => {
    const run = await program.up(
      `const a = new Thing("a", { x: 1 }); const b = new Thing("b", { from: a.made }); exports.out = b.id;`,
    );
    expect(run.result).to.equal("succeeded");
    expect(run.changes).to.deep.equal({ create: 3 });
    expect(program.names()).to.deep.equal(["test-dev", "default", "a", "b"]);
    expect(program.state("b")).to.deep.include({ id: "id-b", dependencies: [program.state("a")!.urn] });
    expect(program.state("b")!.outputs).to.deep.include({ from: "made-a", made: "made-b" });
    expect(program.state("test-dev")!.outputs).to.deep.equal({ out: "id-b" });
  });

  it("tells of a step when it has its place among those at work", async () => {
    const { events } = await program.up(`for (const name of ["a", "b", "c"]) new Thing(name, { x: 1 });`, {
      parallel: 1,
    });
    const told = events.flatMap((it) => ("step" in it && it.step.op === "create" ? [it.type] : [])).slice(2);
    // The next one may begin while the journal still takes in that one has ended.
    expect(told.lastIndexOf("step")).to.be.above(told.indexOf("stepDone"));
  });

  it("leaves no program running where the run can't begin", async () => {
    await program.write(`require("node:fs").writeFileSync("ran", "");`);
    const mark = path.join(program.dir, "mark.js");
    writeFileSync(mark, `require("node:fs").writeFileSync(__dirname + "/pid", String(process.pid));`);
    const project = { name: "test", dir: program.dir, runtime: { nodeArgs: ["--require", mark] } };
    const pid = () => Number(readFileSync(path.join(program.dir, "pid"), { encoding: "utf8", flag: "a+" }));
    program.store.begin = async (_, onStanding) => {
      onStanding!(program.store.snapshot);
      while (pid() === 0) await delay(10);
      throw new Error("the passphrase is wrong");
    };
    const error = await program.up(undefined, { project }).catch((it: Error) => it);
    expect(error).to.have.property("message", "the passphrase is wrong");
    while (isRunning(pid())) await delay(10);
    expect(existsSync(path.join(program.dir, "ran"))).to.equal(false);
    expect(program.names()).to.deep.equal([]);
  });

  it("does nothing the second time", async () => {
    await program.up(`const a = new Thing("a", { x: 1 }); exports.out = a.made;`);
    const before = structuredClone(program.store.snapshot);
    const run = await program.up();
    expect(run.changes).to.deep.equal({ same: 2 });
    expect(run.calls).to.deep.equal(["check a", "diff a"]);
    expect(program.store.snapshot).to.deep.equal(before);
  });

  it("updates in place, and keeps the ID", async () => {
    await program.up(`new Thing("a", { x: 1 });`);
    const run = await program.up(`new Thing("a", { x: 2 });`);
    expect(run.steps).to.deep.equal(["same test-dev", "update a"]);
    expect(program.state("a")).to.deep.include({ id: "id-a" });
    expect(program.state("a")!.outputs).to.deep.include({ x: 2, made: "updated-a" });
  });

  it("replaces by creating first, and deletes last", async () => {
    await program.up(`const a = new Thing("a", { r: 1 }); new Thing("b", { from: a.made });`);
    const run = await program.up(`const a = new Thing("a", { r: 2 }); new Thing("b", { from: a.made });`);
    expect(run.calls.filter((it) => /create|delete/.test(it))).to.deep.equal(["create a", "delete a"]);
    expect(run.steps.at(-1)).to.equal("delete-replaced a");
    expect(run.changes).to.deep.equal({ same: 2, replace: 1 });
  });

  it("deletes first where the provider says so, with the dependents that would be replaced", async () => {
    const body = (r: number): string => `
      const a = new Thing("a", { r: ${r}, first: true });
      const b = new Thing("b", { rFrom: a.made });
      new Thing("c", { from: b.made });`;
    await program.up(body(1));
    const run = await program.up(body(2));
    expect(run.calls.filter((it) => /create|delete/.test(it))).to.deep.equal([
      "delete b",
      "delete a",
      "create a",
      "create b",
    ]);
    expect(program.names()).to.deep.equal(["test-dev", "default", "a", "b", "c"]);
  });

  it("deletes what the program doesn't have any more, dependents first", async () => {
    await program.up(
      `const a = new Thing("a", {}); const b = new Thing("b", { from: a.id }); new Thing("c", { from: b.id });`,
    );
    const run = await program.up("");
    expect(run.calls).to.deep.equal(["delete c", "delete b", "delete a"]);
    expect(program.names()).to.deep.equal(["test-dev"]);
  });

  it("keeps an old resource that is to be retained", async () => {
    await program.up(`new Thing("a", {}, { retainOnDelete: true });`);
    const run = await program.up("");
    expect(run.calls).to.deep.equal([]);
    expect(program.state("a")).to.equal(undefined);
  });

  it("deletes nothing that is protected", async () => {
    await program.up(
      `const a = new Thing("a", {}); new Thing("b", { from: a.id }, { protect: true }); new Thing("c", {});`,
    );
    const run = await program.up("");
    expect(run.result).to.equal("failed");
    expect(run.errors[0]).to.contain("protected");
    expect(program.names()).to.deep.equal(["test-dev", "default", "a", "b"]);
  });

  it("takes a renamed resource over by its alias", async () => {
    await program.up(`new Thing("a", { name: "x" });`);
    const run = await program.up(`new Thing("b", { name: "x" }, { aliases: [{ name: "a" }] });`);
    expect(run.changes).to.deep.equal({ same: 2 });
    expect(program.names()).to.deep.equal(["test-dev", "default", "b"]);
  });

  it("ignores the changes that it is told to ignore", async () => {
    await program.up(`new Thing("a", { x: 1 }, { ignoreChanges: ["x"] });`);
    expect((await program.up(`new Thing("a", { x: 2 }, { ignoreChanges: ["x"] });`)).changes).to.deep.equal({
      same: 2,
    });
  });

  it("keeps secrets secret in the state, and gives them to the provider in plain", async () => {
    await program.up(
      `const a = new Thing("a", { s: pulumi.secret("hush") }, { additionalSecretOutputs: ["made"] }); exports.out = a.s;`,
    );
    const secret = (value: string): object => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value,
    });
    expect(program.state("a")!.inputs!["s"]).to.deep.equal(secret("hush"));
    expect(program.state("a")!.outputs).to.deep.include({ s: secret("hush"), made: secret("made-a") });
    expect(program.state("test-dev")!.outputs).to.deep.equal({ out: secret("hush") });
  });

  it("gives the dynamic provider all of the configuration, secret where it is", async () => {
    program.config = { "test:a": "1", "images:b": "2" };
    program.secretKeys.add("images:b");
    await program.up(`new Thing("a", {});`);
    expect(program.state("default")!.inputs).to.deep.equal({
      "test:a": "1",
      "images:b": { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "2" },
    });
  });

  it("reads a resource that isn't its own", async () => {
    await program.up(`const a = new Thing("a", {}, { id: "other" }); new Thing("b", { from: a.id });`);
    expect(program.state("a")).to.deep.include({ id: "other", external: true });
    const run = await program.up("");
    expect(run.calls).to.deep.equal(["delete b"]);
  });

  it("gives children what their parents have", async () => {
    await program.up(
      `new Group("g", { protect: true, retainOnDelete: true }, (parent) => new Thing("a", {}, { parent }).made);`,
    );
    expect(program.state("a")).to.deep.include({
      protect: true,
      retainOnDelete: true,
      parent: program.state("g")!.urn,
    });
    expect(program.state("g")!.outputs).to.deep.equal({ filled: "made-a" });
  });

  it("uses the random provider, with or without its plugin", async () => {
    const body = `const random = require("@pulumi/random"); const pet = new random.RandomPet("pet"); new Thing("a", { x: pet.id });`;
    const run = await program.up(body);
    expect(run.result).to.equal("succeeded");
    expect(program.state("a")!.inputs!["x"]).to.match(/^[a-z]+-[a-z]+$/);
    expect((await program.up(body)).changes).to.deep.equal({ same: 3 });
  });

  describe("that fails", () => {
    it("keeps what was made, and carries on from there", async () => {
      const body = (more: string): string =>
        `const a = new Thing("a", {}); const b = new Thing("b", { from: a.made, ${more} }); new Thing("c", { from: b.made });`;
      const failed = await program.up(body(`fail: "no space"`));
      expect(failed.result).to.equal("failed");
      expect(failed.errors).to.deep.equal(["b: no space"]);
      expect(program.names()).to.deep.equal(["test-dev", "default", "a"]);
      expect(program.store.snapshot.pendingOperations).to.deep.equal([]);

      const carried = await program.up(body(""));
      expect(carried.changes).to.deep.equal({ same: 2, create: 2 });
    });

    it("deletes nothing", async () => {
      await program.up(`new Thing("a", {}); new Thing("b", {});`);
      await program.up(`new Thing("a", {}); new Thing("c", { fail: "no" });`);
      expect(program.names()).to.include("b");
    });

    it("keeps a resource that exists but hasn't come up, and updates it the next time", async () => {
      const failed = await program.up(`new Thing("a", { half: "no network" });`);
      expect(failed.errors).to.deep.equal(["a: no network"]);
      expect(program.state("a")).to.deep.include({ id: "half", initErrors: ["no network"] });
      const run = await program.up(`new Thing("a", { half: "no network" });`);
      expect(run.steps).to.deep.equal(["same test-dev", "update a"]);
      expect(program.state("a")!.initErrors).to.equal(undefined);
    });

    it("keeps a resource that can't be deleted", async () => {
      await program.up(`new Thing("a", { stuck: "in use" });`);
      const run = await program.up("");
      expect(run.errors).to.deep.equal(["a: in use"]);
      expect(program.names()).to.include("a");
    });

    it("leaves a creation pending whose provider died in the middle", async () => {
      const run = await program.up(`new Thing("a", { die: true });`);
      expect(run.result).to.equal("failed");
      expect(program.store.snapshot.pendingOperations.map(({ type }) => type)).to.deep.equal(["creating"]);
    });

    it("keeps the stack's old outputs beside new ones", async () => {
      await program.up(`exports.a = 1; exports.b = 1;`);
      await program.up(`new Thing("x", { fail: "no" }); exports.b = 2;`);
      expect(program.state("test-dev")!.outputs).to.deep.equal({ a: 1, b: 2 });
    });

    it("tells the program's own error once, with its line and no stack", async () => {
      const run = await program.up(`\nnew Thing("a", {});\nthrow new Error("my own");`);
      expect(run.result).to.equal("failed");
      expect(run.errors).to.deep.equal(["index.js:3 Error: my own"]);
    });

    it("tells an error from inside an apply as well, without delay", async () => {
      const run = await program.up(`pulumi.output(1).apply(() => {\n  throw new Error("my own");\n});`);
      expect(run.errors).to.deep.equal(["index.js:2 Error: my own"]);
    });

    it("tells an error that somebody waits for too late once, and the program's own warnings", async () => {
      const run = await program.up(`
        process.emitWarning("my own");
        const early = Promise.reject(new pulumi.RunError("too early"));
        setTimeout(() => early.catch(() => {}), 50);`);
      expect(run.errors).to.deep.equal(["too early"]);
      const lines = run.events.flatMap((it) => (it.type === "output" ? [it.line] : []));
      expect(lines.filter((it) => it.includes("Warning:"))).to.have.length(1);
      expect(lines[0]).to.include("Warning: my own");
    });

    it("says so where the program ends itself", async () => {
      const run = await program.up(`process.exit(3);`);
      expect(run.errors).to.deep.equal(["The program ended with exit code 3."]);
      expect(run.result).to.equal("failed");
    });
  });

  it("passes on what the program writes", async () => {
    const run = await program.up(
      `console.log("one\\ntwo"); console.error("three"); pulumi.log.warn("careful");`,
    );
    expect(run.events).to.deep.include.members([
      { type: "output", stream: "stdout", line: "one" },
      { type: "output", stream: "stdout", line: "two" },
      { type: "output", stream: "stderr", line: "three" },
    ]);
    expect(
      run.events.some(
        (it) => it.type === "diagnostic" && it.severity === "warning" && it.message === "careful",
      ),
    ).to.equal(true);
  });

  describe("journal", () => {
    it("has each creation's beginning before its end, and dependencies before dependents", async () => {
      await program.up(`const a = new Thing("a", {}); new Thing("b", { from: a.made });`);
      const told = program.store.journal.flatMap((entry) => {
        if (entry.kind === "begin") return [`begin ${entry.resource.urn.split("::").pop()}`];
        return entry.kind === "end" && entry.state?.custom
          ? [`end ${entry.state.urn.split("::").pop()}`]
          : [];
      });
      expect(told).to.deep.equal(["end default", "begin a", "end a", "begin b", "end b"]);
    });
  });

  it("is stopped by the user: steps at work end, no other begins", async () => {
    const graceful = new AbortController();
    const immediate = new AbortController();
    await program.write(`const a = new Thing("a", { slow: 1500 }); new Thing("b", { from: a.made });`);
    const run = program.up(undefined, {
      cancel: { graceful: graceful.signal, immediate: immediate.signal },
      emit: (event) => {
        if (event.type === "step" && event.step.urn.endsWith("::a")) setTimeout(() => graceful.abort(), 300);
      },
    });
    expect((await run).result).to.equal("cancelled");
    expect(program.names()).to.deep.equal(["test-dev", "default", "a"]);
  });

  it("is ended by the user at once: what was at work stays pending", async () => {
    const graceful = new AbortController();
    const immediate = new AbortController();
    await program.write(`new Thing("a", { slow: 60000 });`);
    const said: string[] = [];
    const started = performance.now();
    const run = await program.up(undefined, {
      cancel: { graceful: graceful.signal, immediate: immediate.signal },
      emit: (event) => {
        if (event.type === "step" && event.step.urn.endsWith("::a")) setTimeout(() => immediate.abort(), 300);
        if ("message" in event) said.push(event.message);
      },
    });
    expect(run.result).to.equal("cancelled");
    expect(said).to.deep.equal(["It was cut off while it was at work, and may have been done or not."]);
    expect(performance.now() - started).to.be.lessThan(30_000);
    expect(program.store.snapshot.pendingOperations.map(({ type }) => type)).to.deep.equal(["creating"]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

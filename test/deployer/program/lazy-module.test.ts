import { expect } from "chai";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadLazily } from "../../../deployer/program/lazy-module";

describe("a module that is loaded lazily", () => {
  let folder: string;
  let load: NodeJS.Require;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "images-lazy-"));
    load = createRequire(path.join(folder, "any.js"));
    await writeFile(
      path.join(folder, "plain.js"),
      `require("./times").loaded++; module.exports = { two: 2 };`,
    );
    await writeFile(path.join(folder, "times.js"), `exports.loaded = 0;`);
    await writeFile(
      path.join(folder, "compiled.js"),
      `exports.__esModule = true; exports.two = 2; exports.default = "the default";`,
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is there when something of it is used, and not before", () => {
    loadLazily(load, "./plain");
    const module = load("./plain");
    expect(load("./times").loaded).to.equal(0);
    expect([module.two, module.two, load("./plain").two]).to.deep.equal([2, 2, 2]);
    expect(load("./times").loaded).to.equal(1);
  });

  it("is its own default export to whoever takes it for an ES module, unless it has one", () => {
    loadLazily(load, "./plain");
    loadLazily(load, "./compiled");
    expect(load("./plain").default).to.equal(load("./plain"));
    expect(load("./compiled").default).to.equal("the default");
  });

  it("is the real one to whoever asks after stand-ins are at an end, and stays lazy to those before", () => {
    const forget = loadLazily(load, "./plain");
    const before = load("./plain");
    forget();
    const real = load("./plain");
    expect(real).not.to.equal(before);
    expect([real.two, before.two]).to.deep.equal([2, 2]);
  });

  it("may be none", () => {
    loadLazily(load, "./absent")();
    expect(() => load("./absent")).to.throw(/Cannot find module/);
  });
});

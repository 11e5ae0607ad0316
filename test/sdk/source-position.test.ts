import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import * as ts from "typescript";

const SDK = join(__dirname, "../../sdk");
const PULUMI = require.resolve("@pulumi/pulumi");
const SOURCE_MAP_SUPPORT = require.resolve("source-map-support/register", { paths: [PULUMI] });

const PROGRAM = `
interface Padding {
  nothing: string;
}
import { PrivateImage } from ${JSON.stringify(SDK)};

new PrivateImage("here", { instanceId: "i-1" });
function make() {
  return new PrivateImage("in-a-function", { instanceId: "i-1" });
}
make();
`;

/** Runs the program with the position that each registration sends recorded. */
const RUNNER = `
const pulumi = require(${JSON.stringify(PULUMI)});
pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
const monitor = pulumi.runtime.getMonitor();
const register = monitor.registerResource.bind(monitor);
const positions = {};
monitor.registerResource = (request, callback) => {
  const position = request.getSourceposition();
  positions[request.getName()] = position && [position.getUri(), position.getLine()];
  return register(request, callback);
};
require("./index.js");
process.on("exit", () => console.log(JSON.stringify(positions)));
`;

describe("the source position of a resource", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "images-position-"));
    const { outputText, sourceMapText } = ts.transpileModule(PROGRAM, {
      fileName: "index.ts",
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, sourceMap: true },
    });
    writeFileSync(join(folder, "index.ts"), PROGRAM);
    writeFileSync(join(folder, "index.js"), outputText);
    writeFileSync(join(folder, "index.js.map"), sourceMapText!);
    writeFileSync(join(folder, "run.js"), RUNNER);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function positions(...flags: string[]): Record<string, [string, number]> {
    return JSON.parse(
      execFileSync(process.execPath, [...flags, join(folder, "run.js")], { encoding: "utf8" }),
    );
  }
  function lineOf(file: string, text: string): number {
    return (
      readFileSync(join(folder, file), "utf8")
        .split("\n")
        .findIndex((line) => line.includes(text)) + 1
    );
  }

  const runs: [string, string[], string][] = [
    ["TypeScript line where Pulumi's runner maps positions", ["-r", SOURCE_MAP_SUPPORT], "index.ts"],
    ["TypeScript line where Node maps positions", ["--enable-source-maps"], "index.ts"],
    ["JavaScript line where nothing maps positions", [], "index.js"],
  ];
  for (const [title, flags, file] of runs) {
    it(`is the program's ${title}`, () => {
      const uri = pathToFileURL(join(folder, file)).toString();
      expect(positions(...flags)).to.deep.equal({
        here: [uri, lineOf(file, '"here"')],
        "in-a-function": [uri, lineOf(file, '"in-a-function"')],
      });
    });
  }
});

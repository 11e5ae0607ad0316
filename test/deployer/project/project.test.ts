import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadProject } from "../../../deployer/project/project";
import type { Project } from "../../../deployer/project/project";

describe("Pulumi.yaml", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), "project-")));
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function load(yaml: string): Promise<Project> {
    await writeFile(join(dir, "Pulumi.yaml"), yaml);
    return loadProject(dir);
  }

  async function refusal(yaml: string): Promise<string> {
    return load(yaml).then(
      () => "no error",
      (error: Error) => `${error.name}: ${error.message.replace(`${dir}/`, "")}`,
    );
  }

  it("is found in a folder above", async () => {
    await load("name: shop\nruntime: nodejs\n");
    await mkdir(join(dir, "a", "b"), { recursive: true });
    expect(await loadProject(join(dir, "a", "b"))).to.include({
      name: "shop",
      dir,
      file: join(dir, "Pulumi.yaml"),
    });
  });

  it("that is nowhere is said to be missing", async () => {
    const error = await loadProject(dir).catch((it: Error) => it);
    expect(error)
      .to.have.property("message")
      .match(/There is no Pulumi.yaml in .* or above it/);
  });

  it("may say how Node runs, where the state and the stacks' files are, and what describes it", async () => {
    const project = await load(
      [
        "name: shop",
        "description: A shop",
        "author: Ada",
        "runtime:",
        "  name: nodejs",
        "  options:",
        "    typescript: false",
        "    nodeargs: --max-old-space-size=200  --no-warnings",
        "main: src",
        "backend:",
        "  url: file://state",
        "stackConfigDir: stacks",
      ].join("\n"),
    );
    expect(project).to.deep.include({
      main: "src",
      backendUrl: "file://state",
      stackConfigDir: join(dir, "stacks"),
      runtime: { typescript: false, nodeArgs: ["--max-old-space-size=200", "--no-warnings"] },
    });
  });

  it("gives configuration values, defaults, types and secrets, its own name being the default namespace", async () => {
    const { config } = await load(
      [
        "name: shop",
        "runtime: nodejs",
        "config:",
        "  greeting: hello",
        "  images:region:",
        "    value: local",
        "  size: { type: integer, default: 3 }",
        "  token: { type: string, secret: true }",
        "  list: [1, 2]",
      ].join("\n"),
    );
    expect(config.get("shop:greeting")).to.deep.equal({ value: "hello", written: "greeting" });
    expect(config.get("images:region")).to.include({ value: "local" });
    expect(config.get("shop:size")).to.include({ value: 3, type: "integer" });
    expect(config.get("shop:token")).to.include({ value: undefined, secret: true });
    expect(config.get("shop:list")).to.deep.include({ value: [1, 2] });
  });

  const refused: [what: string, yaml: string, message: RegExp][] = [
    ["another runtime", "name: shop\nruntime: python", /Pulumi.yaml:2: The runtime "python" isn't supported/],
    ["no name", "runtime: nodejs", /"name" must be/],
    ["a name with a slash", "name: a/b\nruntime: nodejs", /Pulumi.yaml:1: "name" must be/],
    [
      "plugins",
      "name: shop\nruntime: nodejs\nplugins:\n  providers: []",
      /Pulumi.yaml:3: "plugins" isn't supported/,
    ],
    ["packages", "name: shop\nruntime: nodejs\npackages: {}", /"packages" isn't supported/],
    [
      "an unknown runtime option",
      "name: s\nruntime:\n  name: nodejs\n  options:\n    bun: true",
      /Pulumi.yaml:5: "runtime.options.bun"/,
    ],
    [
      "refresh: always",
      "name: s\nruntime: nodejs\noptions:\n  refresh: always",
      /Pulumi.yaml:4: "refresh" isn't supported/,
    ],
    ["bad YAML", "name: [", /Pulumi.yaml:\d+:\d+: /],
    ["a list", "- a", /expected keys and values/],
    [
      "a type for another's key",
      "name: s\nruntime: nodejs\nconfig:\n  aws:region: { type: string }",
      /Pulumi.yaml:4: "aws:region" is another/,
    ],
    [
      "both value and default",
      "name: s\nruntime: nodejs\nconfig:\n  a: { value: 1, default: 2 }",
      /both "default" and "value"/,
    ],
    ["a main that is no text", "name: s\nruntime: nodejs\nmain: [1]", /"main" must be a string/],
  ];
  for (const [what, yaml, message] of refused) {
    it(`is refused with ${what}, and the line is named`, async () => {
      expect(await refusal(yaml))
        .to.match(/^UserError/)
        .and.match(message);
    });
  }
});

import { expect } from "chai";
import { images, pulumi } from "../support/engines";
import type { Engine } from "../support/engines";
import { succeeded } from "../support/expectations";
import { makeProject } from "../support/project";

/** Every way in which a value may differ, in maps and lists, and secrets. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const first = process.env.STAGE === "1";
const provider = {
  async diff(id, olds, news) {
    return { changes: JSON.stringify(olds.v) !== JSON.stringify(news.v) };
  },
  async create(inputs) {
    return { id: "x", outs: inputs };
  },
  async update(id, olds, news) {
    return { outs: news };
  },
};
class Thing extends pulumi.dynamic.Resource {
  constructor(name, v) {
    super(provider, name, { v });
  }
}
new Thing("one", first
  ? { tags: { kept: "k", changed: "old", gone: "g" }, list: [1, 2, 3], flag: true, text: "a\\nb", none: null,
      token: pulumi.secret("hunter2"), nested: { deep: { size: 20 } } }
  : { tags: { kept: "k", changed: "new", added: "a" }, list: [1, 4], flag: false, text: "a\\nc", none: null,
      token: pulumi.secret("hunter3"), nested: { deep: { size: 40, unit: "GiB" } } });
`;

/** `+ added: "a"`: sign, last part of the path, old and new value, as both engines have them. */
function differences(text: string, line: RegExp): string[] {
  return [...text.matchAll(line)].map(([, sign, name, value]) => `${sign} ${name}: ${value}`).sort();
}

async function previewed(engine: Engine, ...args: string[]): Promise<string> {
  const project = await makeProject({ files: { "index.js": PROGRAM } });
  try {
    succeeded(await engine.run({ ...project, env: { STAGE: "1" } }, "up", "--skip-preview"));
    return succeeded(await engine.run({ ...project, env: { STAGE: "2" } }, "preview", ...args)).stdout;
  } finally {
    await project.remove();
  }
}

const EXPECTED = [
  '+ added: "a"',
  '+ unit: "GiB"',
  "- [2]: 3",
  '- gone: "g"',
  "~ [1]: 2 => 4",
  '~ changed: "old" => "new"',
  "~ flag: true => false",
  "~ size: 20 => 40",
];

describe("differences that a preview shows", () => {
  it("are the smallest parts that differ, old and new, with secrets hidden", async () => {
    const text = await previewed(images);
    const own = differences(text, /^ {6}([-+~]) v\.(?:.*?)((?:\w+|\[\d+\])): (.*)$/gm);
    const further = ['~ text: "a\\nb" => "a\\nc"', "~ token: [secret] => [secret]"];
    expect(own).to.deep.equal([...EXPECTED, ...further].sort());
    expect(text).not.to.include("hunter");
  });

  (pulumi.available ? it : it.skip)("are those of the Pulumi CLI", async () => {
    const text = await previewed(pulumi, "--diff");
    const theirs = differences(text, /^ +([-+~]) (\w+|\[\d+\]) *: ((?!\{|\[$).*)$/gm);
    expect(theirs).to.include.members(EXPECTED);
  });
});

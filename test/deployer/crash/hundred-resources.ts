import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Project } from "../../support/project";
import { makeProject } from "../../support/project";

/**
 * A provider that remembers nothing: each creation is a file of its own in `things/`, and what it is asked is a line in
 * `calls`. A changed `r` replaces, with `first` delete-first.
 */
const PROVIDER = `
const fs = require("node:fs");
const { setTimeout: pause } = require("node:timers/promises");
const { randomBytes } = require("node:crypto");
const call = (verb, name) => fs.appendFileSync(__dirname + "/calls", verb + " " + name + "\\n");
module.exports = {
  async diff(id, olds, news) {
    const changed = ["value", "r"].filter((key) => olds[key] !== news[key]);
    return { changes: changed.length > 0, replaces: changed.filter((key) => key === "r"), deleteBeforeReplace: !!news.first };
  },
  async create(inputs) {
    call("create", inputs.name);
    await pause(Math.random() * 20);
    const id = inputs.name + "-" + randomBytes(4).toString("hex");
    fs.writeFileSync(__dirname + "/things/" + id, "");
    await pause(Math.random() * 5);
    return { id, outs: { ...inputs, made: "made " + inputs.name } };
  },
  async update(id, olds, news) {
    call("update", news.name);
    await pause(Math.random() * 20);
    return { outs: { ...news, made: "updated " + news.name } };
  },
  async delete(id, props) {
    call("delete", props.name);
    await pause(Math.random() * 10);
    fs.rmSync(__dirname + "/things/" + id, { force: true });
    await pause(Math.random() * 5);
  },
};
`;

/** Eight components of eleven things each, two instances, an image and its conversion: with stack and provider 102 resources. */
const program = (version: number): string => `
  class Thing extends pulumi.CustomResource {
    constructor(name, args, opts) {
      const __provider = 'exports.handler = () => require("' + __dirname + '/provider.js")';
      super("pulumi-nodejs:dynamic/test:Thing", name, { made: undefined, name, ...args, __provider }, opts);
    }
  }
  const version = ${version};
  for (let g = 0; g < 8; g++) {
    const group = new pulumi.ComponentResource("test:index:Group", "group" + g);
    let last;
    for (let n = 0; n < 11; n++) {
      const dependsOn = n % 4 ? [last] : [];
      const value = last && n % 4 === 3 ? pulumi.interpolate\`\${version} \${last.made}\` : String(version);
      const args = { value, r: n % 3 ? "" : String(version), first: n === 3 || n === 9, hidden: pulumi.secret("hush" + n) };
      last = new Thing("thing" + g + "-" + n, args, { parent: group, dependsOn });
    }
    group.registerOutputs({ made: last.made });
  }
  const builder = vm("builder", "localDisk", { tags: { version: String(version) } });
  const golden = new PrivateImage("golden", { instance: builder, description: "version " + version });
  const cloud = new ImageConversion("cloud", { image: golden });
  vm("web", "cloudDisk", { imageId: cloud.id });
  exports.golden = golden.id;
`;

export async function makeHundred(): Promise<Project> {
  const project = await makeProject({ program: program(1), files: { "provider.js": PROVIDER, calls: "" } });
  await mkdir(path.join(project.dir, "things"));
  return project;
}

export async function setVersion(project: Project, version: number): Promise<void> {
  await project.write({ program: program(version) });
}

/** What the provider has been asked, in order, such as `create thing0-1`. */
export async function callsOf({ dir }: Project): Promise<string[]> {
  return (await readFile(path.join(dir, "calls"), "utf8")).split("\n").filter(Boolean);
}

/** IDs of the things that stand. */
export function things({ dir }: Project): Promise<string[]> {
  return readdir(path.join(dir, "things"));
}

export async function forgetCalls(project: Project): Promise<void> {
  await project.write({ files: { calls: "" } });
}

export async function removeThings(project: Project, ids: readonly string[]): Promise<void> {
  for (const id of ids) await rm(path.join(project.dir, "things", id));
}

import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DeploymentEvent } from "../../../deployer/display/events";
import { destroy } from "../../../deployer/engine/destroy";
import type { RunOptions, RunResult, UpOptions } from "../../../deployer/engine/options";
import { preview } from "../../../deployer/engine/preview";
import { refresh } from "../../../deployer/engine/refresh";
import { up } from "../../../deployer/engine/up";
import type { ResourceState } from "../../../deployer/state/resource-state";
import { MemoryStackStore } from "./memory-stack-store";

export interface Run extends RunResult {
  events: DeploymentEvent[];
  /** `create a`, `same b`: what was done, by name, in order. */
  steps: string[];
  /** Error diagnostics, as `index.js:3 message`. */
  errors: string[];
  /** Calls of the provider, as `create a`. */
  calls: string[];
}

const MODES = { preview, up, refresh, destroy };

/**
 * A provider whose resources do as their inputs say: `fail` can't be created, `half` is created and doesn't come up,
 * `stuck` can't be deleted, `refuse` is refused by check, a changed `r…` replaces, `first` deletes before it creates.
 */
const PROVIDER = `
const { appendFileSync } = require("node:fs");
const called = (verb, name) => appendFileSync(__dirname + "/calls", verb + " " + name + "\\n");
module.exports = {
  async check(olds, news) {
    called("check", news.name);
    return { inputs: { ...news, checked: true }, failures: news.refuse ? [{ property: "refuse", reason: news.refuse }] : [] };
  },
  async diff(id, olds, news) {
    called("diff", news.name);
    const changed = Object.keys(news).filter((key) => key !== "__provider" && JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return { changes: changed.length > 0, replaces: changed.filter((key) => key.startsWith("r")), deleteBeforeReplace: !!news.first };
  },
  async create(inputs) {
    called("create", inputs.name);
    if (inputs.slow) await new Promise((resolve) => setTimeout(resolve, inputs.slow));
    if (inputs.fail) throw new Error(inputs.fail);
    if (inputs.die) process.exit(1);
    if (inputs.half) throw Object.assign(new Error("half"), { id: "half", properties: inputs, reasons: [inputs.half] });
    return { id: "id-" + inputs.name, outs: { ...inputs, made: "made-" + inputs.name } };
  },
  async update(id, olds, news) {
    called("update", news.name);
    return { outs: { ...news, made: "updated-" + news.name } };
  },
  async read(id, props) {
    called("read", props.name ?? id);
    return require("node:fs").existsSync(__dirname + "/gone-" + props.name) ? { id: "" } : { id, props };
  },
  async delete(id, props) {
    called("delete", props.name);
    if (props.stuck) {
      console.error("deleting " + props.name);
      throw Object.assign(new Error(props.stuck), props.stackless && { stack: "" });
    }
  },
};
`;

const PRELUDE = `
const pulumi = require("@pulumi/pulumi");
class Thing extends pulumi.CustomResource {
  constructor(name, args, opts) {
    const __provider = 'exports.handler = () => require("' + __dirname + '/provider.js")';
    super("pulumi-nodejs:dynamic/test:Thing", name, { made: undefined, checked: undefined, name, ...args, __provider }, opts);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name, opts, fill) {
    super("test:index:Group", name, {}, opts);
    this.registerOutputs({ filled: fill?.(this) });
  }
}
const config = new pulumi.Config();
`.replaceAll("\n", " ");

/** A program in a folder of its own, to be changed and run again on the same stack. */
export class ProgramFolder {
  readonly store = new MemoryStackStore();
  config: Record<string, string> = {};
  secretKeys = new Set<string>();

  private constructor(readonly dir: string) {}

  static async make(): Promise<ProgramFolder> {
    const dir = await mkdtemp(path.join(tmpdir(), "engine-"));
    await symlink(path.resolve("node_modules"), path.join(dir, "node_modules"));
    await writeFile(path.join(dir, "provider.js"), PROVIDER);
    await writeFile(path.join(dir, "package.json"), JSON.stringify({ name: "test", main: "index.js" }));
    return new ProgramFolder(dir);
  }

  /** `body` begins on line 1 of index.js; `Thing`, `Group`, `pulumi` and `config` are there to use. */
  async write(body: string): Promise<void> {
    await writeFile(path.join(this.dir, "index.js"), PRELUDE + body);
  }

  async up(body?: string, options: Partial<UpOptions> = {}): Promise<Run> {
    if (body !== undefined) await this.write(body);
    return this.run("up", { skipPreview: true, ...options });
  }

  async preview(body?: string): Promise<Run> {
    if (body !== undefined) await this.write(body);
    return this.run("preview");
  }

  async run(mode: keyof typeof MODES, more: Partial<RunOptions> & Partial<UpOptions> = {}): Promise<Run> {
    const { readFile } = await import("node:fs/promises");
    const callsFile = path.join(this.dir, "calls");
    await rm(callsFile, { force: true });
    const events: DeploymentEvent[] = [];
    const result = await MODES[mode]({
      project: { name: "test", dir: this.dir, runtime: { typescript: false } },
      stack: { name: "dev", config: this.config, secretKeys: this.secretKeys },
      store: this.store,
      emit: (event) => events.push(event),
      ...more,
    });
    const text = await readFile(callsFile, "utf8").catch(() => "");
    return {
      ...result,
      events,
      steps: events.flatMap((it) => (it.type === "stepDone" ? [`${it.step.op} ${lastOf(it.step.urn)}`] : [])),
      errors: events.flatMap((it) => {
        if (it.type === "stepFailed") return [`${lastOf(it.step.urn)}: ${it.message}`];
        if (it.type !== "diagnostic" || it.severity !== "error") return [];
        return [[it.position, it.message].filter(Boolean).join(" ")];
      }),
      calls: text.split("\n").filter(Boolean),
    };
  }

  /** The state of a resource by its name. */
  state(name: string): ResourceState | undefined {
    return this.store.snapshot.resources.find(({ urn }) => lastOf(urn) === name);
  }

  names(): string[] {
    return this.store.snapshot.resources.map(
      ({ urn, delete: doomed }) => lastOf(urn) + (doomed ? " (delete)" : ""),
    );
  }

  async file(name: string): Promise<void> {
    await writeFile(path.join(this.dir, name), "");
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true });
  }
}

function lastOf(urn: string): string {
  return urn.split("::").pop()!;
}

import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import type { Run, Verb } from "../../support/engines";
import { images, runImages, startImages } from "../../support/engines";
import { succeeded } from "../../support/expectations";
import type { Project } from "../../support/project";
import { makeProject } from "../../support/project";
import { stateFile } from "../../support/world";

const random = (): string => randomBytes(9).toString("hex");

/** Secrets of the configuration: what the program makes of them is in no file of its source. */
const PLAIN = {
  token: `tok-${random()}`,
  quoted: `"q\\${random()}"'`,
  pin: 7_000_000_000 + randomBytes(4).readUInt32BE(),
  pem: `-----BEGIN KEY-----\n${random()}\n${random()}\n-----END KEY-----`,
  inner: `in-${random()}`,
  listed: `li-${random()}`,
};

const PROVIDER = `
const { randomBytes } = require("node:crypto");
const { setTimeout: pause } = require("node:timers/promises");
const told = (inputs) => "sees " + [inputs.token, inputs.quoted, inputs.pin, inputs.pem, JSON.stringify(inputs.creds)].join(" and ");
module.exports = {
  async check(olds, news) {
    return { inputs: news, failures: news.mode === "check" ? [{ property: "token", reason: told(news) }] : [] };
  },
  async diff(id, olds, news) {
    if (news.mode === "diff") throw new Error(told(news));
    return { changes: olds.mode !== news.mode };
  },
  async create(inputs) {
    console.log(told(inputs));
    console.error(told(inputs));
    if (inputs.mode === "create") throw new Error(told(inputs));
    if (inputs.mode === "slow") await pause(60_000);
    const outs = { ...inputs, issued: "iss-" + randomBytes(9).toString("hex") };
    if (inputs.mode === "half") throw Object.assign(new Error(told(inputs)), { id: "1", properties: outs, reasons: [told(inputs)] });
    return { id: "1", outs };
  },
  async update(id, olds, news) {
    if (news.mode === "update") throw new Error(told(news));
    return { outs: { ...news, issued: olds.issued } };
  },
  async read(id, props) {
    return { id, props: { ...props, drifted: told(props) } };
  },
  async delete(id, props) {
    if (props.mode === "delete") throw new Error(told(props));
  },
};
`;

const PROGRAM = `
const random = require("@pulumi/random");
class Thing extends pulumi.CustomResource {
  constructor(name, args, opts) {
    const __provider = 'exports.handler = () => require("' + __dirname + '/provider.js")';
    super("pulumi-nodejs:dynamic/test:Thing", name, { issued: undefined, ...args, __provider }, opts);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name, args) {
    super("test:index:Group", name, args);
    this.registerOutputs({ token: args.token, of: { inner: args.creds } });
  }
}
const config = new pulumi.Config();
const mode = config.get("mode") ?? "";
const token = config.requireSecret("token");
const quoted = config.requireSecret("quoted");
const pin = config.requireSecretNumber("pin");
const pem = config.requireSecret("pem");
const creds = config.requireSecretObject("creds");
const password = new random.RandomPassword("password", { length: 24 });
const all = { token, quoted, pin, pem, creds, password: password.result, nested: [{ token, pins: [pin] }] };
new Group("group", all);
const thing = new Thing("thing", { ...all, mode }, { additionalSecretOutputs: ["issued", "drifted"] });
for (const secret of Object.values(all)) {
  pulumi.output(secret).apply((it) => {
    const text = "program sees " + (typeof it === "object" ? JSON.stringify(it) : it);
    console.log(text);
    console.error(text);
    pulumi.log.info(text);
    pulumi.log.warn(text, thing);
    pulumi.log.debug(text);
    if (mode === "throw") throw new Error(text);
  });
}
module.exports = { ...all, issued: thing.issued, text: pulumi.interpolate\`\${token} \${pin}\`, deep: { list: [creds] } };
`;

describe("a program full of secrets", () => {
  let project: Project;
  const secrets = new Map<string, string>(
    Object.entries(PLAIN).map(([name, value]) => [name, String(value)]),
  );
  for (const [at, line] of PLAIN.pem.split("\n").slice(1, 3).entries())
    secrets.set(`pem, line ${at + 2}`, line);
  const told: { by: string; text: string }[] = [];

  const tell = (by: string, run: Run): Run => {
    told.push({ by, text: run.text });
    return run;
  };
  const run = async (verb: Verb, ...args: string[]): Promise<Run> =>
    tell([verb, ...args].join(" "), await images.run(project, verb, ...args));
  const command = async (...args: string[]): Promise<Run> =>
    tell(args.join(" "), await runImages(project, ...args));
  const set = async (...args: string[]): Promise<Run> =>
    succeeded(await command("config", "set", "-s", "dev", ...args));

  before(async () => {
    const made = await makeProject({ program: PROGRAM, files: { "provider.js": PROVIDER } });
    const env = { TMPDIR: path.join(made.dir, "tmp"), HOME: made.dir, IMAGES_DEBUG: "1" };
    await mkdir(env.TMPDIR);
    project = { ...made, env };
    const { token, quoted, pin, pem, inner, listed } = PLAIN;
    const creds = JSON.stringify({ inner, list: [listed] });
    for (const [key, value] of Object.entries({ token, quoted, pin: String(pin), pem, creds }))
      succeeded(await runImages(project, "config", "set", "-s", "dev", "--secret", key, "--", value));
  });
  after(() => project.remove());

  /** Everything that was written since the beginning, but the region's own records and what only links. */
  async function expectNoneAnywhere(): Promise<void> {
    const found: string[] = [];
    const search = (where: string, text: string): void => {
      for (const [name, secret] of secrets) {
        for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) {
          const at = text.indexOf(form);
          if (at >= 0) found.push(`${name} in ${where}: …${text.slice(Math.max(0, at - 60), at + 60)}…`);
        }
      }
    };
    for await (const file of filesBelow(project.dir))
      search(path.relative(project.dir, file), await readFile(file, "utf8"));
    for (const { by, text } of told) search(`what \`${by}\` says`, text);
    expect(found.slice(0, 5).join("\n"), `${found.length} places`).to.equal("");
  }

  async function* filesBelow(folder: string): AsyncGenerator<string> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && !["node_modules", ".images"].includes(entry.name)) yield* filesBelow(file);
      else if (entry.isFile()) yield file;
    }
  }

  /** What providers made up. */
  async function learnMadeSecrets(): Promise<void> {
    const { stdout } = succeeded(
      await runImages(project, "stack", "output", "-s", "dev", "--show-secrets", "--json"),
    );
    const outputs = JSON.parse(stdout) as Record<string, string>;
    expect(outputs.token).to.equal(PLAIN.token);
    for (const name of ["password", "issued"]) {
      expect(outputs[name]).to.match(/.{20}/);
      secrets.set(name, outputs[name]!);
    }
  }

  it("shows and writes none of them when it is previewed, deployed and refreshed, on the terminal and as JSON", async () => {
    succeeded(await run("preview"));
    succeeded(await run("up", "--skip-preview"));
    await learnMadeSecrets();
    await set("mode", "other");
    succeeded(await run("preview", "--json"));
    succeeded(await run("preview", "--markdown"));
    succeeded(await run("up", "--json"));
    succeeded(await run("refresh"));
    succeeded(await run("up"));
    succeeded(await run("refresh", "--json"));
    await expectNoneAnywhere();
    expect(told.some(({ text }) => text.includes("program sees [secret]"))).to.equal(true);
    expect(told.some(({ text }) => text.includes("sees [secret] and"))).to.equal(true);
  });

  it("shows none in outputs, exports and configuration that are asked for without secrets", async () => {
    for (const args of [
      ["stack", "output"],
      ["stack", "output", "--json"],
      ["stack", "output", "token"],
      ["stack", "output", "deep", "--json"],
      ["stack", "export"],
      ["stack", "export", "--file", "export.json"],
      ["stack", "ls", "--json"],
      ["config"],
      ["config", "--json"],
    ])
      succeeded(await command(...args, ...(args[1] === "ls" ? [] : ["-s", "dev"])));
    await expectNoneAnywhere();
  });

  for (const mode of ["check", "diff", "update", "throw"]) {
    it(`shows none when it fails in ${mode}`, async () => {
      await set("mode", mode);
      for (const args of [["--skip-preview"], ["--skip-preview", "--json"]])
        expect((await run("up", ...args)).code).to.equal(1);
      await run("preview", "--markdown");
      await expectNoneAnywhere();
    });
  }

  it("shows none when a deletion fails", async () => {
    await set("mode", "delete");
    succeeded(await run("up"));
    expect((await run("destroy")).code).to.equal(1);
    await expectNoneAnywhere();
    await set("mode", "");
    succeeded(await run("up"));
    succeeded(await run("destroy"));
    await expectNoneAnywhere();
  });

  for (const mode of ["create", "half"]) {
    it(`shows and keeps none when it fails in a creation: ${mode}`, async () => {
      await set("mode", mode);
      expect((await run("up", "--skip-preview")).code).to.equal(1);
      const state = await readFile(stateFile(project), "utf8");
      if (mode === "half") expect(state).to.include(`"initErrors":["sees [secret] and`);
      await run("up", "--skip-preview", "--json");
      await expectNoneAnywhere();
      succeeded(await run("destroy"));
    });
  }

  it("leaves none in the journal when it is killed, nor shows one when that is taken up", async () => {
    await set("mode", "slow");
    const killed = startImages(project, "up", "--skip-preview");
    const journal = stateFile(project).replace(/json$/, "journal");
    const isCreating = async (): Promise<boolean> =>
      /"kind":"begin".*::thing"/.test(await readFile(journal, "utf8").catch(() => ""));
    while (!(await isCreating())) await pause(20);
    killed.kill();
    tell("up, killed", await killed.ended);
    expect(await readFile(journal, "utf8")).to.include("ciphertext");
    await expectNoneAnywhere();
    await set("mode", "");
    expect(succeeded(await run("up")).text).to.match(/cut off while creating Thing thing/);
    await expectNoneAnywhere();
  });
});

import { expect } from "chai";
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import Ajv from "ajv";
import { parse, parseAllDocuments } from "yaml";
import { copyExample } from "../support/example";
import { imagesCommand } from "../support/paths";
import type { Project } from "../support/project";
import { isInstalled } from "../support/tools";

interface Step {
  run?: string;
  uses?: string;
  if?: string;
  env?: Record<string, string>;
}
interface Workflow {
  on: object;
  jobs: Record<string, { "runs-on": string; env: Record<string, string>; steps: Step[] }>;
}
interface Job {
  rules: { if: string }[];
  script: string[];
  after_script?: string[];
}

/** What a pipeline said, and the code of its first command that failed. */
interface Outcome {
  code: number;
  text: string;
  /** The commands of others that it called, with their arguments: `npm ci`, `gh pr comment …`. */
  called: string[];
  comment?: string;
}

/** A checkout of the example, a folder for state and region that outlasts it, and the commands that a runner has. */
class Runner {
  private constructor(
    readonly project: Project,
    private readonly folder: string,
  ) {}

  static async make(): Promise<Runner> {
    const folder = await mkdtemp(path.join(tmpdir(), "images-runner-"));
    const project = await copyExample("ci-preview");
    const bin = path.join(folder, "bin");
    await mkdir(bin);
    await mkdir(path.join(folder, "state"));
    await mkdir(path.join(project.dir, "node_modules", ".bin"));
    const command = path.join(project.dir, "node_modules", ".bin", "images");
    await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${imagesCommand}" "$@"\n`);
    await chmod(command, 0o755);
    for (const name of ["npm", "gh"]) {
      await writeFile(path.join(bin, name), `#!/bin/sh\necho "${name} $*" >> "$CALLED"\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    await symlink(process.execPath, path.join(bin, "node"));
    return new Runner(project, folder);
  }

  /** Values of the project's settings. */
  get settings(): Record<string, string> {
    return {
      "vars.PULUMI_BACKEND_URL": `file://${this.folder}/state`,
      "vars.IMAGES_ENDPOINT": `${this.folder}/region`,
      "secrets.PULUMI_CONFIG_PASSPHRASE": "",
      "github.token": "a-token",
      "github.event.pull_request.number": "7",
    };
  }

  /** Each command as the pipeline's own shell runs it, with its bash options; those of `always` whatever came before. */
  async run(commands: { line: string; env?: Record<string, string>; always?: boolean }[]): Promise<Outcome> {
    const called = path.join(this.folder, "called");
    await rm(called, { force: true });
    const outcome: Outcome = { code: 0, text: "", called: [] };
    for (const { line, env, always } of commands) {
      if (outcome.code !== 0 && !always) continue;
      const { code, text } = await this.shell(line, { ...env, CALLED: called });
      outcome.text += text;
      outcome.code ||= code;
    }
    outcome.called = (await readFile(called, "utf8").catch(() => "")).split("\n").filter(Boolean);
    outcome.comment = await readFile(path.join(this.project.dir, "plan.md"), "utf8").catch(() => undefined);
    return outcome;
  }

  private shell(line: string, env: Record<string, string>): Promise<{ code: number; text: string }> {
    return new Promise((done) => {
      const options = {
        cwd: this.project.dir,
        env: {
          ...process.env,
          PATH: `${this.folder}/bin:${process.env.PATH}`,
          PULUMI_HOME: `${this.folder}/home`,
          NO_COLOR: "1",
          CI: "true",
          ...env,
        },
      };
      execFile("bash", ["-eo", "pipefail", "-c", line], options, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, text: stdout + stderr }),
      );
    });
  }

  async declareLines(lines: string[]): Promise<void> {
    const file = path.join(this.project.dir, "Pulumi.dev.yaml");
    const config = await readFile(file, "utf8");
    await writeFile(file, config.replace(/( {4}- \w+\n)+/, lines.map((it) => `    - ${it}\n`).join("")));
  }

  /** Somebody else deletes what was deployed: whoever has a copy of the state can. */
  async drift(): Promise<void> {
    await cp(path.join(this.folder, "state"), path.join(this.folder, "copy"), { recursive: true });
    const { code, text } = await this.shell("npx images destroy --yes --stack dev", {
      PULUMI_BACKEND_URL: `file://${this.folder}/copy`,
      PULUMI_CONFIG_PASSPHRASE: "",
    });
    expect(code, text).to.equal(0);
  }

  state(): Promise<string> {
    return readFile(path.join(this.folder, "state", ".pulumi", "stacks", "ci-preview", "dev.json"), "utf8");
  }

  async remove(): Promise<void> {
    await this.project.remove();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const FIVE = ["stable", "next", "a", "b", "c"];

/** The same story on every service: what differs is how it runs the commands of a job. */
function describePipelines(
  service: string,
  available: boolean,
  job: (runner: Runner, name: "preview" | "deploy" | "drift") => Promise<Outcome>,
): void {
  (available ? describe : describe.skip)(`the pipelines of the example ci-preview on ${service}`, () => {
    let runner: Runner;
    before(async () => (runner = await Runner.make()));
    after(() => runner?.remove());

    it("comment on a change with its plan, and pass", async () => {
      const { code, text, comment } = await job(runner, "preview");
      expect(code, text).to.equal(0);
      expect(comment)
        .to.match(/^<!-- images preview ci-preview\/dev -->/)
        .and.contain("| `+` | create | `PrivateImage golden-stable` | `index.ts:13` |")
        .and.contain("| private images | `default` | `local` | 0 | 2 | 5 |");
    });

    it("fail a change that the region would refuse, and comment with the remedy", async () => {
      await runner.declareLines([...FIVE, "d"]);
      const { code, comment } = await job(runner, "preview");
      await runner.declareLines(["stable", "next"]);
      expect(code).to.equal(1);
      expect(comment)
        .to.contain("**Refused: `up` would fail.** Nothing was changed.")
        .and.contain("allows account default 5 private images")
        .and.contain("raise privateImages");
    });

    it("deploy what is merged, find no drift then, and fail where there is some, changing nothing", async () => {
      const deployed = await job(runner, "deploy");
      expect(deployed.code, deployed.text).to.equal(0);
      expect(deployed.text).to.match(/created PrivateImage golden-next/);
      const quiet = await job(runner, "drift");
      expect(quiet.code, quiet.text).to.equal(0);

      const before = await runner.state();
      await runner.drift();
      for (const time of ["once", "again"]) {
        const found = await job(runner, "drift");
        expect(found.code, `${time}: ${found.text}`).to.equal(7);
        expect(found.text).to.match(/gone +PrivateImage golden-next/);
      }
      expect(await runner.state()).to.equal(before);
    });
  });
}

describePipelines("GitHub Actions", isInstalled("bash"), async (runner, name) => {
  const file = path.join(runner.project.dir, ".github", "workflows", `${name}.yaml`);
  const { jobs, on } = parse(await readFile(file, "utf8")) as Workflow;
  expect(on).to.have.keys(
    { preview: ["pull_request"], deploy: ["push"], drift: ["schedule", "workflow_dispatch"] }[name],
  );
  const { steps, env, "runs-on": runsOn } = jobs[name]!;
  expect(runsOn).to.equal("self-hosted");
  expect(steps.flatMap(({ uses }) => uses ?? [])).to.deep.equal([
    "actions/checkout@v4",
    "actions/setup-node@v4",
  ]);
  const outcome = await runner.run(
    steps.flatMap(({ run, env: own, if: condition }) =>
      run === undefined
        ? []
        : [
            {
              line: run,
              env: substituted({ ...env, ...own }, runner.settings),
              always: condition?.includes("!cancelled()"),
            },
          ],
    ),
  );
  expect(outcome.called[0]).to.equal("npm ci");
  if (name === "preview")
    expect(outcome.called[1]).to.equal("gh pr comment 7 --edit-last --create-if-none --body-file plan.md");
  return outcome;
});

describePipelines("GitLab CI", isInstalled("bash") && isInstalled("curl"), async (runner, name) => {
  const file = path.join(runner.project.dir, ".gitlab-ci.yml");
  const pipeline = parse(await readFile(file, "utf8")) as Record<string, Job> & {
    default: { before_script: string[] };
  };
  const { rules, script, after_script: afterwards = [] } = pipeline[name]!;
  expect(rules[0]!.if).to.match(
    { preview: /merge_request_event/, deploy: /push.*DEFAULT_BRANCH/, drift: /schedule/ }[name],
  );
  const notes = await receive();
  try {
    const { settings } = runner;
    const env = {
      PULUMI_BACKEND_URL: settings["vars.PULUMI_BACKEND_URL"]!,
      IMAGES_ENDPOINT: settings["vars.IMAGES_ENDPOINT"]!,
      PULUMI_CONFIG_PASSPHRASE: "",
      COMMENT_TOKEN: "a-token",
      CI_API_V4_URL: notes.url,
      CI_PROJECT_ID: "12",
      CI_MERGE_REQUEST_IID: "7",
    };
    const outcome = await runner.run([
      ...[...pipeline.default.before_script, ...script].map((line) => ({ line, env })),
      ...afterwards.map((line) => ({ line, env, always: true })),
    ]);
    if (name === "preview") {
      expect(notes.received).to.deep.equal([
        { path: "/projects/12/merge_requests/7/notes", token: "a-token", body: outcome.comment },
      ]);
    }
    return outcome;
  } finally {
    await notes.close();
  }
});

/** `${{ vars.X }}` by its value; an expression that isn't known is a mistake in the workflow, or news to this test. */
function substituted(env: Record<string, string>, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replace(/\$\{\{ *([\w.]+) *\}\}/g, (_, expression: string) => {
        if (!(expression in values)) throw new Error(`no value for ${expression}`);
        return values[expression]!;
      }),
    ]),
  );
}

/** Takes notes as GitLab does. */
async function receive() {
  const received: { path?: string; token?: unknown; body: string | null }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const body = new URLSearchParams(text).get("body");
      received.push({ path: request.url, token: request.headers["private-token"], body });
      response.writeHead(201).end("{}");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, close: () => new Promise((closed) => server.close(closed)) };
}

/** Of a Stack of the Pulumi Kubernetes Operator, version 2, the fields that the example uses. */
const STACK_SPEC = {
  type: "object",
  required: ["stack", "projectRepo", "branch", "backend"],
  additionalProperties: false,
  properties: {
    ...Object.fromEntries(
      ["serviceAccountName", "stack", "projectRepo", "repoDir", "branch"].map((it) => [
        it,
        { type: "string" },
      ]),
    ),
    ...Object.fromEntries(
      ["refresh", "expectNoRefreshChanges", "continueResyncOnCommitMatch", "destroyOnFinalize"].map((it) => [
        it,
        { type: "boolean" },
      ]),
    ),
    backend: { type: "string", pattern: "^file:///" },
    config: { type: "object", additionalProperties: { type: "string" } },
    resyncFrequencySeconds: { type: "integer", minimum: 60 },
    envRefs: {
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["type", "secret"],
        additionalProperties: false,
        properties: {
          type: { const: "Secret" },
          secret: {
            type: "object",
            required: ["name", "key"],
            additionalProperties: false,
            properties: { name: { type: "string" }, key: { type: "string" } },
          },
        },
      },
    },
    workspaceTemplate: {
      type: "object",
      required: ["spec"],
      additionalProperties: false,
      properties: {
        spec: {
          type: "object",
          additionalProperties: false,
          properties: { image: { type: "string" }, podTemplate: { type: "object", required: ["spec"] } },
        },
      },
    },
  },
};

describe("the Stack of the example ci-preview", () => {
  it("has the fields that the operator knows, of their types, and mounts what it names", async () => {
    const project = await copyExample("ci-preview");
    try {
      const text = await readFile(path.join(project.dir, "operator", "stack.yaml"), "utf8");
      const documents = parseAllDocuments(text).map((it) => it.toJS() as Record<string, any>); // eslint-disable-line @typescript-eslint/no-explicit-any
      const stack = documents.find(({ kind }) => kind === "Stack")!;
      expect(stack.apiVersion).to.equal("pulumi.com/v1");
      const validate = new Ajv().compile(STACK_SPEC);
      expect(validate(stack.spec), JSON.stringify(validate.errors)).to.equal(true);
      const accounts = documents
        .filter(({ kind }) => kind === "ServiceAccount")
        .map((it) => it.metadata.name);
      expect(accounts).to.include(stack.spec.serviceAccountName);

      const { containers, volumes } = stack.spec.workspaceTemplate.spec.podTemplate.spec;
      const [{ name, volumeMounts }] = containers;
      expect(name).to.equal("pulumi");
      expect(volumes.map((it: { name: string }) => it.name)).to.deep.equal([volumeMounts[0].name]);
      for (const place of [stack.spec.backend.replace("file://", ""), stack.spec.config["images:endpoint"]])
        expect(path.dirname(place)).to.equal(volumeMounts[0].mountPath);
    } finally {
      await project.remove();
    }
  });
});

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { loadProject } from "../../deployer/project/project";
import { StackConfig } from "../../deployer/project/stack-config";
import { FileBackend } from "../../deployer/state/file-backend";
import { REFUSED_VARIABLES, refuseVariables } from "../../deployer/variables";
import { SIGNATURE } from "../../deployer/wire/property-value";
import { matches, tableOf } from "../support/docs-table";
import { StackFolder } from "./state/stack-folder";

type Json = Record<string, unknown>;
type Edit = (file: Json, deployment: Json, resources: Json[]) => unknown;
/** What is told where something is found. */
type Refusal = (found: string) => Promise<string>;

const messageOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  return "it was taken";
};

/** Puts something into a state that the CLI wrote, and looks that it is left as it was. */
const state =
  (edit: (found: string) => Edit): Refusal =>
  async (found) => {
    const folder = await StackFolder.make("rich.json");
    try {
      const file = JSON.parse(await folder.checkpoint());
      const { latest } = file.checkpoint;
      edit(found)(file, latest, latest.resources);
      const text = JSON.stringify(file);
      await writeFile(folder.files.checkpoint, text);
      const message = await messageOf(() => folder.store().load());
      expect(await messageOf(() => folder.store().begin("up"))).to.equal(message);
      expect(await readFile(folder.files.checkpoint, "utf8")).to.equal(text);
      return message;
    } finally {
      await folder.remove();
    }
  };
const resource = (change: (found: string) => Json): Refusal =>
  state((found) => (_, __, resources) => Object.assign(resources.at(-1)!, change(found)));
const part = (find: (file: Json, deployment: Json, resources: Json[]) => unknown): Refusal =>
  state(
    (found) =>
      (...all) =>
        ((find(...all) as Json)[found] = { a: "b" }),
  );
const isProvider = ({ type }: Json): boolean => String(type).startsWith("pulumi:providers:");

const RUNTIME = "runtime:\n  name: nodejs\n";

/** Loads a project of these files. */
const project =
  (files: (found: string) => { pulumi?: string; stack?: string }): Refusal =>
  async (found) => {
    const dir = await mkdtemp(path.join(tmpdir(), "project-"));
    const { pulumi = RUNTIME, stack = "" } = files(found);
    await writeFile(path.join(dir, "Pulumi.yaml"), `name: shop\n${pulumi}`);
    await writeFile(path.join(dir, "Pulumi.dev.yaml"), stack);
    try {
      return await messageOf(async () => (await StackConfig.load(await loadProject(dir), "dev")).resolve());
    } finally {
      await rm(dir, { recursive: true });
    }
  };

const VALUES: Record<string, unknown> = {
  "an archive": { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7" },
  "a number that JSON lacks": { [SIGNATURE]: "8ad145fe-0d11-4827-bfd7-1abcbf086f5c", value: "NaN" },
  "bytes, and what isn't known": { [SIGNATURE]: "803fd3297a5875dc03ca845dda5d2a98", value: "AA==" },
};

/** By the place that docs/deployer.md names: what is told of something there. */
const PLACES: Record<string, Refusal> = {
  "a resource of the state": resource((found) => ({ [found]: ["x"] })),
  "`customTimeouts` of a resource": resource((found) => ({ customTimeouts: { [found]: 5 } })),
  "`stackTrace` of a resource": resource((found) => ({ stackTrace: [{ sourcePosition: "x", [found]: 5 }] })),
  "a provider in the state": state((found) => (_, __, resources) => {
    resources.find(isProvider)!.inputs = { __internal: { [found]: { a: "b" } } };
  }),
  "a resource's type": resource((found) => ({ type: found })),
  "a value in the state": resource((found) => ({ inputs: { in: [VALUES[found]] } })),
  "a pending operation": state((found) => (_, deployment, resources) => {
    deployment.pending_operations = [{ resource: resources.at(-1), type: "updating", [found]: 1 }];
  }),
  "the deployment": part((_, deployment) => deployment),
  "the checkpoint": part((file) => file.checkpoint),
  "the state's file": part((file) => file),
  "the format version": state(
    (found) => (file) => Object.assign(file, { version: Number(found) || 5, features: ["views", "taint"] }),
  ),
  "the state's secrets provider": state((found) => (_, deployment) => {
    (deployment.secrets_providers as Json).type = found;
  }),
  "`secretsprovider` of `Pulumi.<stack>.yaml`": project((found) => ({
    stack: `secretsprovider: ${found}\n`,
  })),
  "`Pulumi.<stack>.yaml`": project((found) => ({ stack: `${found}: abc\n` })),
  "the configuration": project((found) => ({ stack: `config:\n  ${found}: { a: b }\n` })),
  "`Pulumi.yaml`": project((found) => ({ pulumi: `${RUNTIME}${found}: { a: b }\n` })),
  "`options` of `Pulumi.yaml`": project((found) => ({ pulumi: `${RUNTIME}options:\n  ${found}: always\n` })),
  "`runtime.options`": project((found) => ({ pulumi: `${RUNTIME}  options:\n    ${found}: true\n` })),
  "`runtime`": project((found) => ({ pulumi: `runtime: ${found}\n` })),
  "the backend": (found) =>
    messageOf(() => FileBackend.locate({ dir: "/" }, { PULUMI_BACKEND_URL: found }, "/")),
  "the state's compression": async (found) => {
    const folder = await StackFolder.make();
    try {
      await mkdir(path.dirname(folder.files.checkpoint), { recursive: true });
      await writeFile(`${folder.files.checkpoint}.${found}`, "");
      return await messageOf(() => folder.store().load());
    } finally {
      await folder.remove();
    }
  },
};

/** What a cell of the documentation names: its words in backticks, and something that nobody knows where it says so. */
function named(cell: string): string[] {
  if (cell in VALUES) return [cell];
  const names = [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  return cell.includes("what isn't known") ? [...names, "somethingNew"] : names;
}

describe("what is refused in files", () => {
  const documented = tableOf("docs/deployer.md", "Refused in files");

  it("is all in the documentation, and nothing else is there", () => {
    expect([...new Set(documented.map(([place]) => place))]).to.have.members(Object.keys(PLACES));
  });

  for (const [place, cell, words] of documented) {
    for (const found of named(cell!)) {
      it(`is told in the documented words: ${found} in ${place}`, async () => {
        const message = await PLACES[place!]!(found);
        const told = `${words} isn't supported by images: the Pulumi CLI on the same state is the way to it.`;
        // A remedy may follow.
        expect(message.slice(0, message.indexOf(" way to it.") + " way to it.".length)).to.satisfy(
          (it: string) => matches(it, told),
        );
      });
    }
  }
});

describe("a variable of the environment that is refused", () => {
  const documented = tableOf("docs/deployer.md", "Refused on the command line and in the environment");
  const names = documented.flatMap(([cell]) => named(cell!));

  it("is documented", () => expect(names).to.have.members(REFUSED_VARIABLES));

  for (const name of names) {
    it(`is told where it is set to more than nothing: ${name}`, async () => {
      expect(await messageOf(() => refuseVariables({ [name]: "true" }))).to.equal(
        `${name} isn't supported by images: the Pulumi CLI on the same state is the way to it.`,
      );
      for (const value of ["", "0", "false"])
        expect(await messageOf(() => refuseVariables({ [name]: value }))).to.equal("it was taken");
    });
  }
});

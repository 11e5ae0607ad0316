import { resolve } from "node:path";
import { loadProject } from "../../deployer/project/project";
import type { Project } from "../../deployer/project/project";
import { StackConfig } from "../../deployer/project/stack-config";
import { Passphrase } from "../../deployer/secrets/passphrase";
import type { Crypter } from "../../deployer/secrets/crypter";
import { FileBackend, requireStackName } from "../../deployer/state/file-backend";
import { FileStackStore } from "../../deployer/state/file-stack-store";
import { EXIT, UserError } from "../../deployer/user-error";
import { refuseVariables } from "../../deployer/variables";
import type { StackOptions } from "../command-options";
import { readSelectedStack } from "./selected-stack";
import { askHidden, isInteractive } from "../terminal";

export interface ProjectContext {
  project: Project;
  backend: FileBackend;
  stacks: string[];
  selected?: string;
}

export interface StackContext extends ProjectContext {
  stack: string;
  /** False for a stack that nothing has been deployed to yet. */
  exists: boolean;
  config: StackConfig;
  store: FileStackStore;
  passphrase: Passphrase;
  /** The crypter of the stack's secrets; a stack that has none gets one, recorded in its configuration. */
  crypter(stateSalt?: string): Promise<Crypter>;
}

export async function openProject({ cwd }: { cwd?: string }, env = process.env): Promise<ProjectContext> {
  refuseVariables(env);
  const folder = resolve(cwd ?? ".");
  const project = await loadProject(folder);
  const backend = FileBackend.locate(project, env, folder);
  const stacks = await backend.stacks(project.name);
  const selected = await readSelectedStack(project, backend, env);
  return { project, backend, stacks, selected };
}

export async function openStack(options: StackOptions, env = process.env): Promise<StackContext> {
  const context = await openProject(options, env);
  const opened = await openNewStack(context, pickStack(options.stack ?? env.PULUMI_STACK, context), env);
  if (!opened.exists && context.stacks.length > 0 && opened.config.isNew)
    throw unknownStack(opened.stack, context);
  opened.store.message = options.message ?? "";
  return opened;
}

/** A stack that need not exist. */
export async function openNewStack(
  context: ProjectContext,
  stack: string,
  env = process.env,
): Promise<StackContext> {
  const { project, backend, stacks } = context;
  const exists = stacks.includes(stack);
  const config = await StackConfig.load(project, stack);
  const passphrase = new Passphrase(env, isInteractive() ? askHidden : undefined);
  const crypter = (stateSalt?: string): Promise<Crypter> => crypterOf(config, passphrase, stateSalt);
  const store = new FileStackStore({
    backend,
    project: project.name,
    stack,
    passphrase,
    crypter,
    config: config.raw,
  });
  return { ...context, stack, exists, config, store, passphrase, crypter };
}

/** For commands that need something deployed. */
export async function openExistingStack(options: StackOptions): Promise<StackContext> {
  const context = await openStack(options);
  if (!context.exists) throw unknownStack(context.stack, context);
  return context;
}

/** The rule that `--stack` documents. */
export function pickStack(
  named: string | undefined,
  { project, stacks, selected }: Pick<ProjectContext, "project" | "stacks" | "selected">,
): string {
  if (named) return stackOf(named, project.name);
  if (selected && stacks.includes(selected)) return selected;
  if (stacks.length > 1) {
    throw new UserError(
      `Project ${project.name} has several stacks: ${stacks.join(", ")}. Name one with --stack, or select one with \`images stack select <name>\`.`,
    );
  }
  return stacks[0] ?? "dev";
}

/** `dev`, or `organization/shop/dev` as the CLI writes it in full. */
export function stackOf(name: string, project: string): string {
  const parts = name.split("/");
  const stack = parts.pop()!;
  const [organization = "organization", own = project, ...rest] = parts;
  if (organization !== "organization" || own !== project || rest.length > 0) {
    throw new UserError(`Stack ${name} isn't of project ${project}.`);
  }
  requireStackName(stack);
  return stack;
}

function unknownStack(stack: string, { project, stacks }: ProjectContext): UserError {
  const has = stacks.length > 0 ? `it has ${stacks.join(", ")}` : "it has none yet";
  return new UserError(
    `Project ${project.name} has no stack ${stack} (${has}). \`images stack init ${stack}\` makes it.`,
    { exitCode: EXIT.noStack },
  );
}

async function crypterOf(config: StackConfig, passphrase: Passphrase, stateSalt?: string): Promise<Crypter> {
  const salt = config.salt ?? stateSalt;
  const crypter = salt ? await passphrase.open(salt) : await passphrase.create();
  if (config.salt !== crypter.salt) {
    config.salt = crypter.salt;
    await config.save();
  }
  return crypter;
}

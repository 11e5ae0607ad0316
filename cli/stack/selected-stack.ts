import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Project } from "../../deployer/project/project";
import { writeFileAtomically } from "../../deployer/state/atomic-file";
import type { FileBackend } from "../../deployer/state/file-backend";
import { fileError } from "../../deployer/user-error";

interface Settings {
  /** Backend URL → full name of the stack selected there. */
  stacks?: Record<string, string>;
}

/** The stack that is selected for a project's folder, kept where and as the CLI keeps it, so that both agree. */
export async function readSelectedStack(
  project: Project,
  backend: FileBackend,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { stacks } = await readSettings(settingsFile(project, env));
  return stacks?.[urlOf(backend)]?.split("/").at(-1);
}

export async function selectStack(
  project: Project,
  backend: FileBackend,
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const file = settingsFile(project, env);
  const settings = await readSettings(file);
  settings.stacks = { ...settings.stacks, [urlOf(backend)]: `organization/${project.name}/${stack}` };
  try {
    await writeFileAtomically(file, JSON.stringify(settings, undefined, 4));
  } catch (error) {
    throw fileError(`Writing the selected stack to ${file}`, error);
  }
}

const urlOf = (backend: FileBackend): string => `file://${backend.folder}`;

async function readSettings(file: string): Promise<Settings> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Settings;
  } catch {
    return {};
  }
}

function settingsFile(project: Project, env: NodeJS.ProcessEnv): string {
  const home = env.PULUMI_HOME || join(homedir(), ".pulumi");
  const digest = createHash("sha1").update(project.file).digest("hex");
  return join(home, "workspaces", `${project.name}-${digest}-workspace.json`);
}

import { access, readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { fileError, unsupported, UserError } from "../user-error";
import { writeFileAtomically } from "./atomic-file";

const LAYOUT = 1;
const STACK_NAME = /^[a-zA-Z0-9_.-]{1,100}$/;

/** Where a file backend keeps what belongs to one stack. */
export interface StackFiles {
  checkpoint: string;
  journal: string;
  locks: string;
  history: string;
  backups: string;
}

/** The layout of a Pulumi file backend: everything under `.pulumi` of one folder, by project and stack. */
export class FileBackend {
  private readonly home: string;

  constructor(readonly folder: string) {
    this.home = join(folder, ".pulumi");
  }

  /** The backend of PULUMI_BACKEND_URL, else of the project's `backend.url`, else the project's folder. */
  static locate(
    project: { dir: string; backendUrl?: string },
    env: NodeJS.ProcessEnv,
    cwd: string,
  ): FileBackend {
    if (env.PULUMI_BACKEND_URL)
      return new FileBackend(folderOf(env.PULUMI_BACKEND_URL, cwd, "PULUMI_BACKEND_URL"));
    if (project.backendUrl) {
      return new FileBackend(folderOf(project.backendUrl, project.dir, "backend.url of Pulumi.yaml"));
    }
    return new FileBackend(project.dir);
  }

  stack(project: string, stack: string): StackFiles {
    requireStackName(stack);
    return {
      checkpoint: join(this.home, "stacks", project, `${stack}.json`),
      journal: join(this.home, "stacks", project, `${stack}.journal`),
      locks: join(this.home, "locks", "organization", project, stack),
      history: join(this.home, "history", project, stack),
      backups: join(this.home, "backups", project, stack),
    };
  }

  /** Names of the project's stacks, sorted; a stack whose first run was cut off has but a journal. */
  async stacks(project: string): Promise<string[]> {
    await this.checkLayout();
    const folder = join(this.home, "stacks", project);
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw fileError(`Reading ${folder}`, error);
    });
    const stacks = names.map((name) => /^(.+)\.(json|json\.gz|json\.zst|journal)$/.exec(name)?.[1]);
    return [
      ...new Set(stacks.filter((name) => name !== undefined && STACK_NAME.test(name))),
    ].sort() as string[];
  }

  /** Refuses what another version or program laid out otherwise, and compressed checkpoints. */
  async check(files: StackFiles): Promise<void> {
    await this.checkLayout();
    for (const extension of [".gz", ".zst"]) {
      if (await exists(files.checkpoint + extension)) {
        throw new UserError(
          unsupported(
            `The compression of ${files.checkpoint}${extension}`,
            "`pulumi up` without PULUMI_DIY_BACKEND_GZIP and PULUMI_DIY_BACKEND_ZSTD writes it plain.",
          ),
        );
      }
    }
  }

  /** Lays out a new backend. */
  async prepare(): Promise<void> {
    const file = join(this.home, "meta.yaml");
    if (await exists(file)) return;
    try {
      await writeFileAtomically(file, `version: ${LAYOUT}\n`);
    } catch (error) {
      throw fileError(`Laying out the state in ${this.home}`, error);
    }
  }

  private async checkLayout(): Promise<void> {
    const file = join(this.home, "meta.yaml");
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError(`Reading ${file}`, error);
    });
    if (text === undefined) return this.refuseLegacy();
    const { version } = (parse(text) ?? {}) as { version?: unknown };
    if (version === 0) return this.refuseLegacy();
    if (version !== LAYOUT) {
      throw new UserError(`${file} says layout ${JSON.stringify(version)}; images knows layout ${LAYOUT}.`);
    }
  }

  private async refuseLegacy(): Promise<void> {
    const names = await readdir(join(this.home, "stacks")).catch(() => []);
    if (names.some((name) => /\.json(\.gz|\.zst)?$/.test(name))) {
      throw new UserError(
        `${this.home} has the old layout, without projects. \`pulumi state upgrade\` brings it to the present one.`,
      );
    }
  }
}

export function requireStackName(name: string): void {
  if (STACK_NAME.test(name)) return;
  throw new UserError(
    `"${name}" can't be a stack's name: up to 100 letters, digits, hyphens, underscores and periods.`,
  );
}

function folderOf(url: string, base: string, origin: string): string {
  if (!url.startsWith("file://")) {
    throw new UserError(
      `${origin} is ${withoutCredentials(url)}: ${unsupported("a backend other than file://<folder>")}`,
    );
  }
  const path = decodeURIComponent(url.slice("file://".length).replace(/\?.*$/, "")) || ".";
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(base, path);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//");
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

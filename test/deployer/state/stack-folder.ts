import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Passphrase } from "../../../deployer/secrets/passphrase";
import { FileBackend } from "../../../deployer/state/file-backend";
import { FileStackStore } from "../../../deployer/state/file-stack-store";
import type { ResourceState } from "../../../deployer/state/resource-state";
import { root } from "../../support/paths";

/** The salt of the states under fixtures/cli-states; the passphrase is "test". */
export const PASSPHRASE = { PULUMI_CONFIG_PASSPHRASE: "test" };

export const urn = (name: string, stack = "dev", project = "shop"): string =>
  `urn:pulumi:${stack}::${project}::pkg:index:Thing::${name}`;

export function thing(name: string, more: Partial<ResourceState> = {}): ResourceState {
  return { urn: urn(name), custom: true, type: "pkg:index:Thing", id: `${name}-1`, ...more };
}

/** A file backend in a temporary folder, with the one stack shop/dev. */
export class StackFolder {
  private constructor(
    readonly folder: string,
    readonly project: string,
    readonly stack: string,
  ) {}

  static async make(fixture?: string, project = "shop", stack = "dev"): Promise<StackFolder> {
    const made = new StackFolder(await mkdtemp(join(tmpdir(), "stack-")), project, stack);
    if (fixture) {
      await mkdir(dirname(made.files.checkpoint), { recursive: true });
      await cp(join(root, "test", "fixtures", "cli-states", fixture), made.files.checkpoint);
    }
    return made;
  }

  static at(folder: string): StackFolder {
    return new StackFolder(folder, "shop", "dev");
  }

  get backend(): FileBackend {
    return new FileBackend(this.folder);
  }

  get files(): ReturnType<FileBackend["stack"]> {
    return this.backend.stack(this.project, this.stack);
  }

  /** As a new process would open it. */
  store(env: NodeJS.ProcessEnv = PASSPHRASE): FileStackStore {
    const passphrase = new Passphrase(env);
    return new FileStackStore({
      backend: this.backend,
      project: this.project,
      stack: this.stack,
      passphrase,
      crypter: (salt) => (salt ? passphrase.open(salt) : passphrase.create()),
    });
  }

  async checkpoint(): Promise<string> {
    return readFile(this.files.checkpoint, "utf8");
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

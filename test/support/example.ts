import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "./paths";
import { EmbeddedRegion } from "./regions/embedded-region";
import type { Project } from "./project";

/** A copy of a program of `examples/` in a temporary folder, installed as a user would have it. */
export async function copyExample(name: string, env: NodeJS.ProcessEnv = {}): Promise<Project> {
  const dir = await mkdtemp(path.join(tmpdir(), `images-${name}-`));
  const made = new Set([".images", ".pulumi", "node_modules", "disks"]);
  await cp(path.join(root, "examples", name), dir, {
    recursive: true,
    filter: (source) => !made.has(path.basename(source)) && !path.basename(source).startsWith("catalog.db"),
  });
  await mkdir(path.join(dir, "node_modules"));
  await symlink(path.join(root, "node_modules", "@pulumi"), path.join(dir, "node_modules", "@pulumi"));
  await symlink(root, path.join(dir, "node_modules", "pulumi-private-images"));
  return {
    dir,
    name,
    region: new EmbeddedRegion(path.join(dir, ".images")),
    env: { PULUMI_CONFIG_PASSPHRASE: "", ...env },
    async write({ files = {} }) {
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(dir, file), text);
    },
    remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}

import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseDocument } from "yaml";
import { root } from "./paths";
import { EmbeddedRegion } from "./regions/embedded-region";
import { newRegion, regionUnderTest } from "./regions/region-under-test";
import type { TestRegion } from "./regions/test-region";
import type { Project } from "./project";

/**
 * A copy of a program of `examples/` in a temporary folder, installed as a user would have it. `inRegion`: on the kind
 * of region that the tests are about, with what its own `region/region.yaml` says, and not only as it stands there.
 */
export async function copyExample(
  name: string,
  env: NodeJS.ProcessEnv = {},
  { inRegion = false } = {},
): Promise<Project> {
  const dir = await mkdtemp(path.join(tmpdir(), `images-${name}-`));
  const made = new Set([".images", ".pulumi", "node_modules", "disks"]);
  await cp(path.join(root, "examples", name), dir, {
    recursive: true,
    filter: (source) => !made.has(path.basename(source)) && !path.basename(source).startsWith("catalog.db"),
  });
  await mkdir(path.join(dir, "node_modules"));
  await symlink(path.join(root, "node_modules", "@pulumi"), path.join(dir, "node_modules", "@pulumi"));
  await symlink(root, path.join(dir, "node_modules", "pulumi-private-images"));
  const region =
    inRegion && regionUnderTest === "team"
      ? await inTeamRegion(dir)
      : new EmbeddedRegion(path.join(dir, ".images"));
  return {
    dir,
    name,
    region,
    env: { PULUMI_CONFIG_PASSPHRASE: "", ...env },
    async write({ files = {} }) {
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(dir, file), text);
    },
    async remove() {
      await region.remove();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A team's region with what the example's own file says, named by its configuration. */
async function inTeamRegion(dir: string): Promise<TestRegion> {
  const region = await newRegion(
    await readFile(path.join(dir, "region", "region.yaml"), "utf8").catch(() => undefined),
  );
  const file = path.join(dir, "Pulumi.dev.yaml");
  const stack = parseDocument(await readFile(file, "utf8"));
  for (const [key, value] of Object.entries(region.config)) stack.setIn(["config", key], value);
  await writeFile(file, String(stack));
  return region;
}

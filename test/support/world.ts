import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Catalog, CatalogSnapshot } from "../../provider/engine/catalog/catalog";
import type { ResourceState } from "../../deployer/state/resource-state";
import type { Project } from "./project";

/** Everything that a run may change: the stack's resources, the catalogue's records, what its store holds. */
export interface World {
  resources: ResourceState[];
  records: CatalogSnapshot;
  /** IDs of the contents, and what stands among them and is none. */
  contents: string[];
}

export async function look(project: Project): Promise<World> {
  const catalog = await project.region.openCatalog();
  try {
    return {
      resources: await resources(project),
      records: await records(catalog),
      contents: [...(await project.region.contents()), ...(await project.region.leftOver())],
    };
  } finally {
    await catalog.close();
  }
}

/** The stack's resources as the file backend has them; none where there is no stack yet. */
export async function resources(project: Project, stack = "dev"): Promise<ResourceState[]> {
  const checkpoint = await readFile(stateFile(project, stack), "utf8").catch(() => undefined);
  return (checkpoint && JSON.parse(checkpoint).checkpoint.latest?.resources) || [];
}

export function stateFile(project: Project, stack = "dev"): string {
  return path.join(project.dir, ".pulumi", "stacks", project.name, `${stack}.json`);
}

/** A resource of the stack by its name in the program. */
export function named(resources: readonly ResourceState[], name: string): ResourceState {
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (!found) throw new Error(`no resource ${name} among ${resources.map(({ urn }) => urn).join(", ")}`);
  return found;
}

/** The stack's outputs, secrets as the file has them. */
export async function outputs(project: Project): Promise<Record<string, unknown>> {
  return (await resources(project)).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
}

/** What accounts own, without the catalogue's note that a later run has seen it, which previews make too. */
async function records(catalog: Catalog): Promise<CatalogSnapshot> {
  const { images, instances, volumes, shares, exports } = await catalog.snapshot();
  const seen = <R extends CatalogSnapshot["images" | "instances" | "volumes" | "shares" | "exports"][number]>(
    record: R,
  ): R => ({
    ...record,
    origin: record.origin && { ...record.origin, seen: true },
  });
  return {
    images: images.filter(({ visibility }) => visibility === "private").map(seen),
    instances: instances.map(seen),
    volumes: volumes.map(seen),
    shares: shares.map(seen),
    exports: exports.map(seen),
  };
}

/** ID of a resource of the project's stack by its name in the program. */
export async function idOf(project: Project, name: string): Promise<string> {
  return named(await resources(project), name).id!;
}

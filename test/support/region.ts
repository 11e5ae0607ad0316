import path from "node:path";
import type { Catalog } from "../../provider/engine/catalog/catalog";
import { SqliteCatalog } from "../../provider/engine/catalog/sqlite-catalog";
import { readRegionFile } from "../../provider/engine/region/region-file";
import type { Project } from "./project";

/** The catalogue of the project's embedded region, as a run opens it. */
export async function openCatalog(project: Project): Promise<Catalog> {
  const endpoint = path.join(project.dir, ".images");
  return new SqliteCatalog(path.join(endpoint, "catalog.db"), await readRegionFile(endpoint));
}

/** Starts a conversion of an image in this process, as another run would, and holds it there until its end is asked for. */
export async function beginConversion(project: Project, imageId: string): Promise<() => Promise<void>> {
  const catalog = await openCatalog(project);
  const id = "img-being-made";
  await catalog.transaction(async (tx) => {
    const {
      createdAt: _createdAt,
      sequence: _sequence,
      origin: _origin,
      ...image
    } = (await tx.image(imageId))!;
    await tx.insertImage({
      ...image,
      id,
      name: "being-made",
      status: "creating",
      architectures: ["cloudDisk"],
      source: { type: "image", id: imageId, conversion: true },
    });
  });
  return async () => {
    await catalog.transaction((tx) => tx.deleteImage(id));
    await catalog.close();
  };
}

import type { CatalogSnapshot } from "../catalog/catalog";
import type { Kind } from "../model";

/** What these records are made of or are about: checks of what declared them ask for it. */
export function sourcesOf({ images, instances, volumes, shares, exports }: CatalogSnapshot) {
  const sources: { kind: Kind; id: string }[] = [];
  for (const { source } of [...images, ...volumes]) {
    if (source && source.type !== "file") sources.push({ kind: source.type, id: source.id });
  }
  for (const { imageId } of [...instances, ...shares, ...exports]) {
    if (imageId !== undefined) sources.push({ kind: "image", id: imageId });
  }
  return sources;
}

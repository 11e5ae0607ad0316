import type { Kind, Kinds } from "../model";
import type { CatalogSnapshot } from "./catalog";

/** A snapshot of what is told of each kind, all asked for together. */
export async function ofEachKind(
  tell: <K extends Kind>(kind: K) => readonly Kinds[K][] | Promise<readonly Kinds[K][]>,
): Promise<CatalogSnapshot> {
  const [images, instances, volumes, shares, exports] = await Promise.all([
    tell("image"),
    tell("instance"),
    tell("volume"),
    tell("share"),
    tell("export"),
  ]);
  return { images, instances, volumes, shares, exports };
}

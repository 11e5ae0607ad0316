import type { TestRegion } from "./test-region";

/** Starts a conversion of an image in this process, as another run would, and holds it there until its end is asked for. */
export async function beginConversion(region: TestRegion, imageId: string): Promise<() => Promise<void>> {
  const catalog = await region.openCatalog();
  const id = "img-being-made";
  await catalog.transaction(async (tx) => {
    const {
      createdAt: _createdAt,
      sequence: _sequence,
      origin: _origin,
      ...image
    } = (await tx.get("image", imageId))!;
    await tx.insert("image", {
      ...image,
      id,
      name: "being-made",
      status: "creating",
      architectures: ["cloudDisk"],
      source: { type: "image", id: imageId, conversion: true },
      deviceMappings: image.deviceMappings.map((mapping, index) =>
        index === 0 ? { ...mapping, kind: "snapshot", id: "snap-being-made" } : mapping,
      ),
    });
  });
  return async () => {
    await catalog.transaction((tx) => tx.delete("image", id));
    await catalog.close();
  };
}

import type { ImageEngine } from "../provider/engine/engine";
import type { Declaration } from "../provider/engine/requests";
import type { Creator } from "./processes";

/** Whole creations of images of one instance, which is made first: checked as in a preview, then made. */
export async function imageCreator(
  engine: ImageEngine,
  declare: (name: string) => Declaration,
  builder: string,
): Promise<Creator> {
  const { id } = await engine.instances.create({
    declaration: declare(builder),
    image: { id: "img-pub-ubuntu-16-04" },
    systemDisk: { type: "cloudDisk" },
  });
  return {
    create: async (name) => {
      const request = { declaration: declare(name), instance: { id } };
      const { violations } = await engine.images.check(request);
      if (violations.length > 0) throw new Error(violations[0]!.reason);
      await engine.images.create(request);
    },
    close: () => engine.close(),
  };
}

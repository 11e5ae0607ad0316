import { DEFAULT_QUOTAS, type ImageRecord } from "../model";
import type { RegionSettings } from "./catalog";
import { offeredRecord, PUBLIC_IMAGES } from "./offered-images";

/** What every catalogue is opened with: the operator's regions, and the images that these offer to every account. */
export interface CatalogSettings {
  /** The first is the default one. */
  regions: readonly RegionSettings[];
  /** Public and marketplace images of all regions. */
  offeredImages: readonly ImageRecord[];
}

/** One region `local` with one account `default` and the public catalogue: what an endpoint without a file serves. */
export const DEFAULT_SETTINGS: CatalogSettings = {
  regions: [{ name: "local", accounts: [{ name: "default", quotas: DEFAULT_QUOTAS }] }],
  offeredImages: PUBLIC_IMAGES.map((image) => offeredRecord("local", image)),
};

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Catalog } from "../../../provider/engine/catalog/catalog";
import { EmbeddedRegion } from "./embedded-region";
import type { TestRegion } from "./test-region";

/** Which kind of region a run of the tests is about: all of it, by its environment. */
export const regionUnderTest = process.env.IMAGES_TEST_REGION === "team" ? "team" : "embedded";

/** A suite about what only a region in a folder has, such as its files. */
export function describeEmbedded(title: string, define: (this: Mocha.Suite) => void): void {
  (regionUnderTest === "embedded" ? describe : describe.skip)(title, define);
}

/** What a region is where a test says nothing of it. */
const REGION_FILE = "region: local\naccounts: [{ name: default }]\n";

/** A region that a test has to itself. */
export async function newRegion(regionFile = REGION_FILE): Promise<TestRegion> {
  const region = new EmbeddedRegion(await mkdtemp(path.join(tmpdir(), "images-region-")));
  await region.apply(regionFile);
  return region;
}

/** The catalogue of a region that another process made. */
export function openCatalogAt(endpoint: string): Promise<Catalog> {
  return new EmbeddedRegion(endpoint).openCatalog();
}

/** The region of a project in a folder: the one that its programs find with no configuration, or a team's. */
export async function regionOfProject(folder: string, regionFile?: string): Promise<TestRegion> {
  const region = new EmbeddedRegion(path.join(folder, ".images"));
  if (regionFile !== undefined) await region.apply(regionFile);
  return region;
}

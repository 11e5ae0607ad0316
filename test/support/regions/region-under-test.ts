import path from "node:path";
import fc from "fast-check";
import type { Catalog } from "../../../provider/engine/catalog/catalog";
import { isPath } from "../../../provider/lifecycle/configuration";
import { EmbeddedRegion } from "./embedded-region";
import { openTeamCatalog, TeamRegion } from "./team-region";
import { sharedTeamServers } from "./team-servers";
import type { TestRegion } from "./test-region";

/** Which kind of region a run of the tests is about: all of it, by its environment. */
export const regionUnderTest = process.env.IMAGES_TEST_REGION === "team" ? "team" : "embedded";

// Each smaller counterexample that is tried takes seconds there: the time limit would come first, and hide the failure.
if (regionUnderTest === "team") fc.configureGlobal({ endOnFailure: true });

/** A test of what only a region in a folder has, such as its own reading of its operator's file. */
export function itEmbedded(title: string, test: Mocha.AsyncFunc): void {
  (regionUnderTest === "embedded" ? it : it.skip)(title, test);
}

/** A suite about what only the region of a team has. */
export function describeTeam(title: string, define: (this: Mocha.Suite) => void): void {
  (regionUnderTest === "team" ? describe : describe.skip)(title, define);
}

/** What a region is where a test says nothing of it. */
const REGION_FILE = "region: local\naccounts: [{ name: default }]\n";

/** A region that a test has to itself. */
export async function newRegion(regionFile = REGION_FILE): Promise<TestRegion> {
  if (regionUnderTest === "team") return TeamRegion.make(await sharedTeamServers(), regionFile);
  const region = await EmbeddedRegion.make();
  await region.apply(regionFile);
  return region;
}

/** The catalogue of a region that another process made. */
export function openCatalogAt(endpoint: string): Promise<Catalog> {
  return isPath(endpoint) ? new EmbeddedRegion(endpoint).openCatalog() : openTeamCatalog(endpoint);
}

/** The region of a project in a folder: a team's, or the one that its programs find with no configuration. */
export async function regionOfProject(folder: string, regionFile?: string): Promise<TestRegion> {
  if (regionUnderTest === "team") return newRegion(regionFile);
  const region = new EmbeddedRegion(path.join(folder, ".images"));
  if (regionFile !== undefined) await region.apply(regionFile);
  return region;
}

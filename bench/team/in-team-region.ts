import { TeamRegion } from "../../test/support/regions/team-region";
import type { TeamServers } from "../../test/support/regions/team-servers";

/** Work on a region of its own, which is removed after it. */
export async function inTeamRegion<T>(
  servers: TeamServers,
  regionFile: string,
  work: (region: TeamRegion) => Promise<T>,
): Promise<T> {
  const region = await TeamRegion.make(servers, regionFile);
  try {
    return await work(region);
  } finally {
    await region.remove();
  }
}

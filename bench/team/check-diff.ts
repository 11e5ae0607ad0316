import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TeamServers } from "../../test/support/regions/team-servers";
import { ROOM_FOR_ALL, unchangedRuns } from "../check-diff";
import type { Figure } from "../figure";
import { figure, median } from "../figure";
import { inTeamRegion } from "./in-team-region";

const PAIRS = 15;
/** No slower: what is more than this isn't chance. */
const AS_QUICK = 1.05;

/** check and diff of images that stand, against the same in an embedded region, pair by pair. */
export async function checkDiff(servers: TeamServers): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "images-bench-"));
  try {
    writeFileSync(join(folder, "region.yaml"), ROOM_FOR_ALL);
    return await inTeamRegion(servers, ROOM_FOR_ALL, async ({ endpoint }) => {
      const [embedded, team] = [await unchangedRuns(folder), await unchangedRuns(endpoint)];
      const [ours, ratios]: [number[], number[]] = [[], []];
      for (let pair = 0; pair < PAIRS; pair++) {
        // Neither is always the second.
        const first = pair % 2 === 0 ? await embedded() : await team();
        const second = pair % 2 === 0 ? await team() : await embedded();
        const [theirs, own] = pair % 2 === 0 ? [first, second] : [second, first];
        ours.push(own);
        ratios.push(own / theirs);
      }
      const note = `${median(ours).toFixed(1)} µs a resource, one snapshot a run; median of ${PAIRS} pairs of runs`;
      return [
        figure(
          "check + diff on a team's region, against an embedded one",
          AS_QUICK,
          median(ratios),
          "×",
          note,
        ),
      ];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

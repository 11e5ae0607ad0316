import { openRegion } from "../../provider/engine/open-region";
import type { TeamServers } from "../../test/support/regions/team-servers";
import type { Figure } from "../figure";
import { atLeast } from "../figure";
import { imageCreator } from "../image-creator";
import type { Creator } from "../processes";
import { AT_ONCE, createWhenTold, creationsPerSecond, PROCESSES } from "../processes";
import { inTeamRegion } from "./in-team-region";

const QUOTAS = "quotas: { privateImages: 1000000, snapshots: 1000000 }";

/** Whole creations of images, by as many processes as accounts, or all for one account. */
export function creating(servers: TeamServers): Promise<Figure[]> {
  const names = Array.from({ length: PROCESSES }, (_, index) => `  - name: team-${index}\n`);
  return inTeamRegion(servers, `${QUOTAS}\naccounts:\n${names.join("")}`, async (region) => {
    const own = await creationsPerSecond(__filename, region.endpoint, "own");
    const one = await creationsPerSecond(__filename, region.endpoint, "one");
    return [
      atLeast(
        "images created, whole, on a team's region from 8 processes",
        500,
        own,
        "/s",
        `every rule, durable, ${AT_ONCE} at once in each process, an account each; all for one account: ${one.toFixed(0)} /s`,
      ),
    ];
  });
}

async function creator(endpoint: string, account: string): Promise<Creator> {
  const engine = await openRegion({ endpoint, account });
  const declare = (name: string) => {
    const token = `${account}-${process.pid}-${name}`;
    const declaredBy = `urn:pulumi:dev::bench::images::${token}`;
    return { declaredBy, creationToken: token, region: "local", account };
  };
  return imageCreator(engine, declare, "builder");
}

async function work([endpoint, accounts, index]: string[]): Promise<void> {
  const account = accounts === "own" ? `team-${index}` : "team-0";
  await createWhenTold(await creator(endpoint!, account), index!);
}

if (require.main === module) void work(process.argv.slice(2));

import { tmpdir } from "node:os";
import { isPostgres } from "../../catalog/postgres/address";
import { AppliedSetup } from "../../catalog/postgres/applied-setup";
import { SCHEMA_VERSION } from "../../catalog/postgres/schema/schema";
import { Fault, ViolationError } from "../../violation";
import { OperatorStore } from "../operator-store";
import type { RegionSetup } from "../region-setup";
import type { CopyReport } from "./copy-contents";
import { planCopy } from "./copy-plan";
import type { CopyPlan } from "./copy-plan";
import { copyRegion } from "./copy-region";
import { SourceRegion } from "./source-region";

/** A copy that can be run. Close it in any case. */
export interface PlannedCopy {
  /** The folder. */
  from: string;
  /** The database's URL, without what is secret. */
  to: string;
  plan: CopyPlan;
  /** Returns what has come to the source meanwhile, in words: it isn't copied. */
  run(report: CopyReport): Promise<string[]>;
  close(): Promise<void>;
}

/** Looks at both regions. `lanes`: disks that are copied at the same time. Throws ViolationError for what is no such region, or a Fault. */
export async function openCopy(
  from: string,
  to: string,
  { workFolder = tmpdir(), lanes = 1 }: { workFolder?: string; lanes?: number } = {},
): Promise<PlannedCopy> {
  if (isPostgres(from) || !isPostgres(to)) throw wrongWay();
  const { setup, described } = await appliedSetup(to);
  const source = await SourceRegion.open(from);
  const target = new OperatorStore(to, setup, workFolder);
  const close = async () => {
    await source.close();
    await target.close();
  };
  const compare = async () =>
    planCopy(await source.read(), {
      regions: setup.regions,
      records: await target.records.all(),
      keys: await target.records.keys(),
    });
  try {
    const plan = await compare();
    return {
      from: source.folder,
      to: described,
      plan,
      close,
      run: async (report) => {
        const roles = rolesOf(setup, plan);
        await copyRegion(source, { ...target, roles }, plan, { workFolder, lanes, report });
        const { records, refusals } = await compare();
        return [
          ...records.map(({ kind, record }) => `${kind} ${record.id} was made meanwhile.`),
          ...refusals,
        ];
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function wrongWay(): ViolationError {
  const reason =
    "A copy goes from the folder of an embedded region to the database of a team's: " +
    "images region copy .images postgres://OPERATOR@HOST:5432/DATABASE.";
  return new ViolationError([{ property: "", reason }]);
}

async function appliedSetup(endpoint: string): Promise<{ setup: RegionSetup; described: string }> {
  const database = new AppliedSetup(endpoint);
  const { described } = database.address;
  try {
    const { schemaVersion, setup } = await database.read([]);
    const { disks, keys } = setup;
    if (schemaVersion === SCHEMA_VERSION && disks !== undefined && keys !== undefined) {
      return { setup: { ...setup, disks, keys }, described };
    }
    throw new Fault(`Opening the region ${described}`, {
      says:
        disks === undefined
          ? "none was applied to it"
          : `its schema is version ${schemaVersion}, not ${SCHEMA_VERSION}`,
      left: "Run first: images region apply",
    });
  } finally {
    await database.close();
  }
}

function rolesOf({ regions }: RegionSetup, { records, keys }: CopyPlan): string[] {
  const owners = [...records.map(({ record }) => record), ...keys];
  const roles = owners.flatMap(({ region, account }) =>
    regions
      .filter(({ name }) => name === region)
      .flatMap(({ accounts }) => accounts.filter(({ name }) => name === account).map(({ role }) => role)),
  );
  return [...new Set(roles)];
}

import { AppliedSetup } from "../catalog/postgres/applied-setup";
import type { PlannedApplication } from "./plan-application";

/** Makes the region what the file says. Running it again does nothing more. */
export async function applyRegion({ endpoint, wanted }: PlannedApplication): Promise<void> {
  const database = new AppliedSetup(endpoint);
  try {
    await database.apply(wanted);
  } finally {
    await database.close();
  }
}

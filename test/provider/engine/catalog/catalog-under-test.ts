import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { DEFAULT_SETTINGS, type CatalogSettings } from "../../../../provider/engine/catalog/catalog-settings";
import type { ProcessMark } from "../../../../provider/engine/catalog/process-mark";
import { DEFAULT_QUOTAS } from "../../../../provider/engine/model";

const accounts = ["default", "other", "partner", "friend"].map((name) => ({ name, quotas: DEFAULT_QUOTAS }));

/** What the catalogue under test is set up with; who asks is all of the accounts. */
export const CONTRACT_SETTINGS: CatalogSettings = {
  ...DEFAULT_SETTINGS,
  regions: ["local", "far", "remote"].map((name) => ({ name, accounts })),
};

export interface CatalogUnderTest {
  catalog: Catalog;
  /** The same catalogue as another process has it open. */
  openedBy(owner: ProcessMark): Catalog;
  cleanUp(): Promise<void>;
}

/** What the work fails by. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

import type { CatalogUnderTest } from "./catalog-under-test";
import { deadCreationsContract } from "./dead-creations.contract";
import { discardedDisksContract } from "./discarded-disks.contract";
import { lookupsContract } from "./lookups.contract";
import { questionsContract } from "./questions.contract";
import { recordsContract } from "./records.contract";
import { transactionsContract } from "./transactions.contract";
import { viewContract } from "./view.contract";

/** What every catalogue promises, whatever it is kept in. */
export function catalogContract(name: string, open: () => Promise<CatalogUnderTest>): void {
  describe(`${name} keeps the contract of a catalogue`, () => {
    let subject: CatalogUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.cleanUp());

    recordsContract(() => subject);
    transactionsContract(() => subject);
    questionsContract(() => subject);
    viewContract(() => subject);
    lookupsContract(() => subject);
    discardedDisksContract(() => subject);
    deadCreationsContract(() => subject);
  });
}

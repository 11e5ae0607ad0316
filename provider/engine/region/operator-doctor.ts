import { disksOf } from "../catalog/disk-references";
import { finding } from "../doctor/finding";
import type { Finding } from "../doctor/finding";
import * as say from "../messages";
import { surveyAccounts } from "./accounts-survey";
import type { AccountAilments } from "./accounts-survey";
import { OperatorStore } from "./operator-store";

/** What the operator of a team's region finds. */
export interface RegionAilments {
  /** Of what the regions offer: the operator's own, to mend. */
  findings: Finding[];
  /** How much each account has to mend itself. */
  accounts: AccountAilments[];
}

/** Finds what nothing owns, and what is missing, of what a team's regions offer. Close it in any case. */
export class OperatorDoctor {
  private constructor(private readonly store: OperatorStore) {}

  /** `endpoint`: of the operator's login. Throws a Fault where no region was applied. */
  static async open(endpoint: string): Promise<OperatorDoctor> {
    return new OperatorDoctor(await OperatorStore.open(endpoint));
  }

  /** Changes nothing. */
  async examine(): Promise<RegionAilments> {
    const { contents, disks, places } = this.store;
    const strays = await disks.strays();
    return {
      findings: [
        ...(await this.unoffered()),
        ...strays.map((name) => finding("stray", name, "safe", say.strayStands(name))),
        ...(await this.missing()),
      ],
      accounts: await surveyAccounts(contents, places),
    };
  }

  /** Removes what the findings tell of, as far as nothing is offered with it by now; returns those that stay. */
  async remove(findings: readonly Finding[]): Promise<{ finding: Finding; why: string }[]> {
    const { disks } = this.store;
    const strays = findings.filter(({ ailment }) => ailment === "stray").map(({ id }) => id);
    if (strays.length > 0) await disks.removeStrays(strays);
    const unnamed = findings.filter(({ contents }) => contents.length > 0);
    const free = new Set((await this.unoffered()).map(({ id }) => id));
    for (const { id } of unnamed) if (free.has(id)) await disks.remove(id);
    return unnamed
      .filter(({ id }) => !free.has(id))
      .map((finding) => ({ finding, why: say.offeredMeanwhile(finding.id) }));
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** Contents that no image is offered with. */
  private async unoffered(): Promise<Finding[]> {
    const { contents } = this.store;
    // Before the images: those come after their contents.
    const own = await contents.own();
    const offered = new Set((await contents.offered()).flatMap(disksOf.image));
    return own
      .filter(({ id, named }) => !named && !offered.has(id))
      .map(({ id, discarded }) =>
        discarded
          ? finding("discardedContent", id, "safe", say.discardedContentStands(id), [id])
          : finding("orphanContent", id, "safe", say.contentIsOfNoOffer(id), [id]),
      );
  }

  private async missing(): Promise<Finding[]> {
    const { contents, disks } = this.store;
    const [offered, own] = [await contents.offered(), await contents.own()];
    const standing = new Set(own.filter(({ whole, discarded }) => whole && !discarded).map(({ id }) => id));
    for (const id of await disks.missing()) standing.delete(id);
    return offered.flatMap((image) => {
      const lost = disksOf.image(image).filter((id) => !standing.has(id));
      if (lost.length === 0) return [];
      const { id, name, region } = image;
      const says = say.offeredDiskIsMissing(image, lost);
      const record = { kind: "image" as const, name, region };
      return [{ ...finding("missingContent", id, "none", says), record }];
    });
  }
}

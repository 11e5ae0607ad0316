import type { KnownObject, OperatorContents } from "../catalog/postgres/operator-contents";
import { bucketOf } from "../disks/bucket/bucket-url";
import { accountPrefix, isObjectKey, regionPrefix } from "../disks/bucket/object-keys";
import { OPERATOR } from "../keys/key-service";
import type { KeyOwner } from "../keys/key-service";
import { Bucket } from "../s3/bucket";
import { RETRY_MS } from "../s3/retries";

/** How much of an account isn't as it should be. Only its own doctor tells what, and mends it. */
export interface AccountAilments extends KeyOwner {
  /** No account has this name any more; what stands under it is nobody's to mend but who may write there. */
  isGone?: true;
  /** Disks that no record names. */
  unnamed: number;
  /** Objects and unfinished uploads in the bucket that belong to no disk. */
  strays: number;
  /** Objects that disks read from and that aren't in the bucket. */
  missing: number;
}

/** Looks through the prefixes of all regions, which takes the right to list them; those that ail nothing are left out. */
export async function surveyAccounts(
  contents: OperatorContents,
  { disks, regions }: { disks: string; regions: readonly { name: string }[] },
): Promise<AccountAilments[]> {
  const { bucket, prefix } = bucketOf(disks);
  const keyOf = (object: KnownObject) => accountPrefix(prefix, object) + object.objectId;
  // An object comes before its content is whole, and goes after that.
  const neededBefore = new Set((await contents.objects()).filter(({ needed }) => needed).map(keyOf));
  const standing = await standingIn(Bucket.named(bucket, { retryMs: RETRY_MS }), prefix, regions);
  const known = new Map((await contents.objects()).map((object) => [keyOf(object), object]));

  const tally = new Tally(await contents.accounts());
  for (const [key, owner] of standing) if (!known.has(key)) tally.of(owner).strays++;
  for (const [key, object] of known)
    if (object.needed && neededBefore.has(key) && !standing.has(key)) tally.of(object).missing++;
  for (const { count, ...owner } of await contents.unnamed()) tally.of(owner).unnamed += count;
  return tally.ailing();
}

/** Keys of objects and of unfinished uploads, and under whose name they stand. */
async function standingIn(
  bucket: Bucket,
  prefix: string,
  regions: readonly { name: string }[],
): Promise<Map<string, KeyOwner>> {
  const found = new Map<string, KeyOwner>();
  for (const { name: region } of regions) {
    const start = regionPrefix(prefix, region);
    const note = (key: string): void => {
      const owner = { region, account: key.slice(start.length).split("/")[0]! };
      if (isObjectKey(key, prefix, owner)) found.set(key, owner);
    };
    for await (const key of bucket.keys(start)) note(key);
    for await (const { key } of bucket.uploads.under(start)) note(key);
  }
  return found;
}

class Tally {
  private readonly counts = new Map<string, AccountAilments>();

  constructor(accounts: readonly KeyOwner[]) {
    for (const { region, account } of accounts) this.begin({ region, account });
  }

  of(owner: KeyOwner): AccountAilments {
    return this.counts.get(nameOf(owner)) ?? this.begin({ ...owner, isGone: true });
  }

  /** In the accounts' own order. */
  ailing(): AccountAilments[] {
    return [...this.counts.values()].filter(
      ({ account, unnamed, strays, missing }) => account !== OPERATOR && unnamed + strays + missing > 0,
    );
  }

  private begin({ region, account, isGone }: KeyOwner & { isGone?: true }): AccountAilments {
    const ailments = { region, account, ...(isGone && { isGone }), unnamed: 0, strays: 0, missing: 0 };
    this.counts.set(nameOf(ailments), ailments);
    return ailments;
  }
}

function nameOf({ region, account }: KeyOwner): string {
  return `${region}/${account}`;
}

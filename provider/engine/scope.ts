import type { RegionSettings } from "./catalog/catalog";
import * as say from "./messages";
import type { Quotas } from "./model";
import { isKnown } from "./requests";
import type { Maybe } from "./requests";
import type { Violation } from "./violation";

/** The region and account that a resource is in. */
export interface Scope {
  region: Maybe<string>;
  account: Maybe<string>;
  violations: Violation[];
}

/** The regions and accounts of an endpoint, and the places that each account has. */
export class Scopes {
  private readonly accounts: Map<string, Map<string, Quotas>>;

  constructor(regions: readonly RegionSettings[]) {
    this.accounts = new Map(
      regions.map(({ name, accounts }) => [name, new Map(accounts.map((a) => [a.name, a.quotas]))]),
    );
  }

  settle({ region, account }: { region: Maybe<string>; account: Maybe<string> }): Scope {
    const violations: Violation[] = [];
    if (isKnown(region)) {
      const accounts = this.accountsOf(region);
      if (!accounts) violations.push(say.unknownRegion(region, [...this.accounts.keys()]));
      else if (isKnown(account) && !accounts.includes(account)) {
        violations.push(say.unknownAccount("account", account, region, accounts));
      }
    }
    return { region, account, violations };
  }

  accountsOf(region: Maybe<string>): string[] | undefined {
    const accounts = isKnown(region) ? this.accounts.get(region) : undefined;
    return accounts && [...accounts.keys()];
  }

  quotas(region: Maybe<string>, account: Maybe<string | undefined>): Quotas | undefined {
    if (!isKnown(region) || !isKnown(account) || account === undefined) return undefined;
    return this.accounts.get(region)?.get(account);
  }
}

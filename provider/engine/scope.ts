import type { AccountSettings, RegionSettings } from "./catalog/catalog";
import * as say from "./messages";
import type { Quotas } from "./model";
import { isKnown, UNKNOWN } from "./requests";
import type { StatedPlace } from "./engine";
import type { Maybe } from "./requests";
import type { Violation } from "./violation";

/** The region and account that a resource is in. */
export interface Scope {
  region: Maybe<string>;
  account: Maybe<string>;
  violations: Violation[];
}

/** Names of a region and of one of its accounts. */
export interface Place {
  region: string;
  account: string;
}

/** The regions and accounts of an endpoint, and the places that each account has. */
export class Scopes {
  private readonly accounts: Map<string, Map<string, AccountSettings>>;

  constructor(regions: readonly RegionSettings[]) {
    this.accounts = new Map(
      regions.map(({ name, accounts }) => [name, new Map(accounts.map((a) => [a.name, a]))]),
    );
  }

  settle({ region, account }: { region: Maybe<string>; account: Maybe<string> }): Scope {
    const violations: Violation[] = [];
    if (isKnown(region)) {
      const accounts = this.accountsOf(region);
      if (!accounts) violations.push(say.unknownRegion(region, [...this.accounts.keys()]));
      else if (isKnown(account) && !accounts.includes(account)) {
        violations.push(say.unknownAccount("account", account, region, accounts));
      } else if (isKnown(account) && this.isForeign(region, account)) {
        const own = accounts.filter((name) => !this.isForeign(region, name));
        violations.push(say.foreignAccount(account, region, own));
      }
    }
    return { region, account, violations };
  }

  /** Where a thing is that states this much: in another region than the default one, in that region's first account. */
  placeOf(stated: StatedPlace, defaults: Place): { region: Maybe<string>; account: Maybe<string> } {
    const { region = defaults.region, account } = stated;
    if (account !== undefined) return { region, account };
    if (!isKnown(region)) return { region, account: UNKNOWN };
    const first = region === defaults.region ? undefined : this.accountsOf(region)?.[0];
    return { region, account: first ?? defaults.account };
  }

  accountsOf(region: Maybe<string>): string[] | undefined {
    const accounts = isKnown(region) ? this.accounts.get(region) : undefined;
    return accounts && [...accounts.keys()];
  }

  quotas(region: Maybe<string>, account: Maybe<string | undefined>): Quotas | undefined {
    if (!isKnown(region) || !isKnown(account) || account === undefined) return undefined;
    return this.accounts.get(region)?.get(account)?.quotas;
  }

  private isForeign(region: string, account: string): boolean {
    return this.accounts.get(region)?.get(account)?.foreign ?? false;
  }
}

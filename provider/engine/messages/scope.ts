import type { Violation } from "../violation";
import { list, violation } from "./words";

export function unknownRegion(region: string, served: readonly string[]): Violation {
  return violation(
    "region",
    `There is no region ${region} at this endpoint, which serves ${list(served)}.`,
    "State one that it serves, or another endpoint (images:endpoint).",
  );
}

export function unknownAccount(
  property: string,
  account: string,
  region: string,
  accounts: readonly string[],
): Violation {
  return violation(
    property,
    `Region ${region} has no account ${account}. Its accounts are ${list(accounts)}.`,
    "State one of them, or ask the operator to add the account.",
  );
}

/** `own`: those that one may declare in. */
export function foreignAccount(account: string, region: string, own: readonly string[]): Violation {
  return violation(
    "account",
    `Account ${account} of region ${region} is another's: your login is no member of its database role.`,
    own.length > 0 && `Yours ${own.length === 1 ? "is" : "are"} ${list(own)}.`,
    "State one of yours, or ask the operator to grant you the role.",
  );
}

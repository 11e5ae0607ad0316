import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "./failures";
import type { Session, Statements } from "./session";

/**
 * Answers with a row where a transaction was committed. Its ID, which `$1` stands for, doesn't tell by itself: after a
 * crash or a failover it may be another one's.
 */
export interface Proof {
  text: string;
  parameters: readonly unknown[];
}

/** By the audit's record of the change. */
export function audited(kind: string, id: string): Proof {
  const text = "select 1 from audit where transaction = $1::xid8 and kind = $2 and id = $3 limit 1";
  return { text, parameters: [kind, id] };
}

/** By the content's being whole, which it stays. */
export function standingWhole(contentId: string): Proof {
  const text = "select 1 where $1::xid8 is not null and images.content($2) ->> 'state' = 'whole'";
  return { text, parameters: [contentId] };
}

const ASK_AGAIN_MS = 100;

/**
 * Asks what became of a transaction whose commit was under way when its connection was `lost`; throws that where it can't
 * be told within `patience`, in milliseconds.
 */
export async function isCommitted(
  asking: Statements,
  { xid, proof }: Session,
  lost: unknown,
  patience: number,
): Promise<boolean> {
  if (xid === undefined || proof === undefined) return false;
  const end = Date.now() + patience;
  let status = await statusOf(asking, xid);
  for (; status === "in progress"; status = await statusOf(asking, xid)) {
    if (Date.now() >= end) throw lost;
    await delay(ASK_AGAIN_MS);
  }
  if (status !== "committed") return false;
  return (await asking.query(proof.text, [xid, ...proof.parameters])).length > 0;
}

/** Undefined for a transaction that this server has never heard of: it was lost with another one. */
async function statusOf(asking: Statements, xid: string): Promise<string | undefined> {
  const text = "select pg_xact_status($1::xid8) as status";
  try {
    const [row] = await asking.query<{ status: string | null }>(text, [xid]);
    return row?.status ?? undefined;
  } catch (error) {
    if (codeOf((error as Error).cause) === "22023") return undefined;
    throw error;
  }
}

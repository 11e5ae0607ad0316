import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "./failures";
import type { Session, Statements } from "./session";

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
  if (xid === undefined) return false;
  const end = Date.now() + patience;
  let status = await statusOf(asking, xid);
  for (; status === "in progress"; status = await statusOf(asking, xid)) {
    if (Date.now() >= end) throw lost;
    await delay(ASK_AGAIN_MS);
  }
  if (status !== "committed") return false;
  return proof === undefined || (await asking.query(proof.text, [xid, ...proof.parameters])).length > 0;
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

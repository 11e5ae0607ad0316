import type { CopiedRecord } from "../../region/copy/copied-records";
import { Fault } from "../../violation";
import type { PostgresDatabase } from "./database";
import { isRefusal } from "./failures";
import { audited } from "./lost-commits";

const TABLES = [
  ["image", "images"],
  ["instance", "instances"],
  ["volume", "volumes"],
  ["share", "shares"],
  ["export", "exports"],
] as const;

/** Of those that are taken in. */
const RECORDS_AT_ONCE = 500;

/** A content, and whose it is to be. */
export interface OwnedContent {
  id: string;
  region: string;
  account: string;
}

/** Records of all accounts of a region, as its operator reads and takes them in. */
export class OperatorRecords {
  constructor(private readonly database: PostgresDatabase) {}

  /** Without what opens encrypted ones. */
  all(): Promise<CopiedRecord[]> {
    const selects = TABLES.map(
      ([kind, table]) =>
        `select '${kind}' as kind, images.as_record(to_jsonb(each)) as record from images.${table} as each`,
    );
    return this.database.query<CopiedRecord>(selects.join(" union all "));
  }

  /** IDs of the master keys of all accounts, deleted ones included. */
  async keys(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>("select id from images.master_keys");
    return rows.map(({ id }) => id);
  }

  /**
   * Makes the login a member of these roles, so that it may write what is theirs; to be undone by what is returned.
   * (Who owns the region's tables could do so anyway.) By a role between, so that what a copy that was cut off leaves
   * is undone by the next one, and no membership that someone else gave.
   */
  async actAs(roles: readonly string[]): Promise<() => Promise<void>> {
    const between = quoted(`images_copy_to_${this.database.address.database}`);
    await this.database.query(`drop role if exists ${between}`);
    await this.database.query(`create role ${between} nologin`);
    await this.database.query(`grant ${roles.map(quoted).join(", ")} to ${between}`);
    await this.database.query(`grant ${between} to session_user`);
    return async () => {
      await this.database.query(`drop role if exists ${between}`);
    };
  }

  /** Gives contents their owners, before any record names them. */
  async nameContents(contents: readonly OwnedContent[]): Promise<void> {
    const named = JSON.stringify(contents.map(({ id, region, account }) => ({ id, region, account })));
    const taken = await this.database.query<{ id: string; account: string }>(
      `with named as (select * from jsonb_to_recordset($1) as each (id text, region text, account text)),
        made as (
          insert into images.contents (id, region, account, account_id)
          select named.id, named.region, named.account, accounts.id
          from named join images.accounts on accounts.region = named.region and name = named.account
          on conflict (id) do nothing)
      select contents.id, contents.account from images.contents join named using (id)
      where (contents.region, contents.account) <> (named.region, named.account) or discarded`,
      [named],
    );
    const [other] = taken;
    if (!other) return;
    throw new Fault(`Copying disk ${other.id}`, {
      says: `a disk of that ID stands where it is to be copied to, of account ${other.account}`,
    });
  }

  /**
   * All of them, or none. They come in an order in which what something is made of is there first. `taken` is told how
   * many are in, which isn't final before the end.
   */
  async take(
    records: readonly CopiedRecord[],
    taken: (count: number) => void = () => undefined,
  ): Promise<void> {
    const last = records.at(-1);
    if (!last) return;
    await this.database
      .transaction(async (session) => {
        session.proof = audited(last.kind, last.record.id);
        for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
          const some = records.slice(from, from + RECORDS_AT_ONCE);
          await session.call("import_records", JSON.stringify(some));
          taken(from + some.length);
        }
      })
      .catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
        throw new Fault("Taking in the copied records", {
          says: `the database refuses one: ${error.message}`,
          left: "No record was copied. Its disks are there, and the next copy takes them up",
          cause: error,
        });
      });
  }
}

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}

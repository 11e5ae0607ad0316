import { sql, type Kysely, type Migration } from "kysely";

/** Another image of the account that holds the same snapshot. */
const heldByAnother = (row: "new" | "old") => `exists (
  select 1 from disk_references where region = ${row}.region and account = ${row}.account
  and disk_id = ${row}.disk_id and snapshot = 1 and rowid <> ${row}.rowid)`;

const taken = (column: string) => `
  insert into places (region, account, ${column}) values (new.region, new.account, 1)
  on conflict do update set ${column} = ${column} + 1;`;

const givenBack = (column: string) => `
  update places set ${column} = ${column} - 1 where region = old.region and account = old.account;`;

const STATEMENTS = [
  `create table places (
    region text not null,
    account text not null,
    private_images integer not null default 0,
    snapshots integer not null default 0,
    primary key (region, account)
  ) strict, without rowid`,

  `create trigger image_taken after insert on images when new.visibility = 'private'
    begin ${taken("private_images")} end`,
  `create trigger image_given_back after delete on images when old.visibility = 'private'
    begin ${givenBack("private_images")} end`,

  // A snapshot that several images hold counts once.
  `create trigger snapshot_taken after insert on disk_references
    when new.snapshot = 1 and not ${heldByAnother("new")}
    begin ${taken("snapshots")} end`,
  `create trigger snapshot_given_back after delete on disk_references
    when old.snapshot = 1 and not ${heldByAnother("old")}
    begin ${givenBack("snapshots")} end`,

  `insert into places
    select region, account, sum(private_images), sum(snapshots) from (
      select region, account, 1 as private_images, 0 as snapshots from images where visibility = 'private'
      union all
      select region, account, 0, 1 from
        (select distinct region, account, disk_id from disk_references where snapshot = 1)
    ) group by region, account`,

  // By any token, not only by those that aren't marked as seen.
  ...["images", "instances", "volumes", "shares", "exports"].flatMap((table) => [
    `drop index ${table}_unseen`,
    `create index ${table}_of_token on ${table} (creation_token) where creation_token is not null`,
  ]),
];

/** Places taken, counted as records come and go: no question counts through all records. */
export const places: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

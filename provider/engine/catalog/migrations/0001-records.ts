import { sql, type Kysely, type Migration } from "kysely";

const RECORD = sql.raw(`
  id text primary key,
  sequence integer not null unique,
  region text not null,
  account text,
  created_at text not null,
  declared_by text,
  creation_token text,
  seen integer not null default 0,
  creator integer references creators (id),
  attributes text not null`);

const STATEMENTS = [
  sql`create table creators (
    id integer primary key autoincrement,
    pid integer not null,
    host text not null,
    started_at text,
    heartbeat_at integer not null
  ) strict`,

  sql`create table counters (name text primary key, value integer not null) strict, without rowid`,
  sql`insert into counters values ('sequence', 0)`,

  sql`create table images (${RECORD}, visibility text not null, converts text) strict`,
  sql`create index images_of_account on images (region, account, visibility, sequence, creator)`,
  sql`create index images_converting on images (converts) where converts is not null`,
  sql`create table instances (${RECORD}) strict`,
  sql`create table volumes (${RECORD}) strict`,
  sql`create table shares (
    ${RECORD},
    image_id text not null references images (id) on delete cascade,
    member_id text not null
  ) strict`,
  sql`create index shares_of_image on shares (image_id)`,
  sql`create index shares_with_member on shares (region, member_id)`,

  ...["images", "instances", "volumes", "shares"].flatMap((table) => [
    sql.raw(`create index ${table}_declared_by on ${table} (declared_by)`),
    sql.raw(`create index ${table}_unseen on ${table} (creation_token) where seen = 0`),
    sql.raw(`create index ${table}_creating on ${table} (creator) where creator is not null`),
  ]),

  sql`create table disk_references (
    disk_id text not null,
    snapshot integer not null,
    image_id text references images (id) on delete cascade,
    instance_id text references instances (id) on delete cascade,
    volume_id text references volumes (id) on delete cascade,
    region text not null,
    account text,
    check ((image_id is null) + (instance_id is null) + (volume_id is null) = 2)
  ) strict`,
  sql`create index references_of_disk on disk_references (disk_id)`,
  sql`create index references_of_image on disk_references (image_id) where image_id is not null`,
  sql`create index references_of_instance on disk_references (instance_id) where instance_id is not null`,
  sql`create index references_of_volume on disk_references (volume_id) where volume_id is not null`,
  sql`create index snapshots_of_account on disk_references (region, account, disk_id, image_id)
    where snapshot = 1`,
];

/** Records of each kind, the processes that make them, and the disks that they name. */
export const records: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};

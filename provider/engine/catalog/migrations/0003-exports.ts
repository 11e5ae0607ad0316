import { sql, type Kysely, type Migration } from "kysely";

const STATEMENTS = [
  // No reference to the image: a deleted one leaves its exports.
  sql`create table exports (
    id text primary key,
    sequence integer not null unique,
    region text not null,
    account text,
    created_at text not null,
    declared_by text,
    creation_token text,
    seen integer not null default 0,
    creator integer references creators (id),
    attributes text not null,
    image_id text not null,
    bucket_url text not null
  ) strict`,
  sql`create index exports_of_image on exports (image_id)`,
  sql`create index exports_to_bucket on exports (bucket_url)`,
  sql`create index exports_declared_by on exports (declared_by)`,
  sql`create index exports_unseen on exports (creation_token) where seen = 0`,
  sql`create index exports_creating on exports (creator) where creator is not null`,
];

/** Images written to buckets and folders. */
export const exportRecords: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};

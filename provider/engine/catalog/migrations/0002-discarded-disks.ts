import { sql, type Kysely, type Migration } from "kysely";

/** Contents that no record names any more, until their removal from the disk store is sure. */
export const discardedDisks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table discarded_disks (disk_id text primary key) strict, without rowid`.execute(db);
  },
};

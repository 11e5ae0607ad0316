import { sql, type Kysely, type Migration } from "kysely";

/** Names of images, to find these by without reading all of an account. */
export const imageNames: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index images_of_name on images (region, account, attributes ->> 'name')`.execute(db);
  },
};

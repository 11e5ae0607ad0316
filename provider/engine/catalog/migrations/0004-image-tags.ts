import { sql, type Kysely, type Migration } from "kysely";

const STATEMENTS = [
  sql`create table image_tags (
    key text not null,
    value text not null,
    image_id text not null references images (id) on delete cascade,
    primary key (key, value, image_id)
  ) strict, without rowid`,
  sql`create index tags_of_image on image_tags (image_id)`,
  sql`insert into image_tags
    select tag.key, tag.value, images.id from images, json_each(images.attributes, '$.tags') as tag`,
];

/** Tags of images, to find these by without reading them all. */
export const imageTags: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};

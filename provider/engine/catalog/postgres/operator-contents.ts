import { OPERATOR } from "../../keys/key-service";
import type { KeyOwner } from "../../keys/key-service";
import type { ImageRecord } from "../../model";
import type { PostgresDatabase } from "./database";

/** A content of the operator's own account. */
export interface OperatorContent {
  id: string;
  region: string;
  /** Its object stands, as far as the database knows. */
  whole: boolean;
  /** It was taken out, and what it read from may stand. */
  discarded: boolean;
  /** A record names it: something is just being made of it. */
  named: boolean;
}

/** An object of the bucket that the database knows. */
export interface KnownObject extends KeyOwner {
  objectId: string;
  /** A whole content that wasn't taken out reads from it. */
  needed: boolean;
}

/** Contents that no record names, and how many, of one account. */
export interface Unnamed extends KeyOwner {
  count: number;
}

/** What a region's database knows of the bucket, as its operator reads it. */
export class OperatorContents {
  constructor(private readonly database: PostgresDatabase) {}

  /** Images that are offered with a disk file. */
  async offered(): Promise<ImageRecord[]> {
    const rows = await this.database.query<{ record: ImageRecord }>(
      "select record from images.offered_images where record -> 'standIn' is distinct from 'true'",
    );
    return rows.map(({ record }) => record);
  }

  own(): Promise<OperatorContent[]> {
    return this.database.query<OperatorContent>(
      `select id, region, virtual_bytes is not null as whole, discarded,
        exists (select from images.disk_references where disk_id = contents.id) as named
      from images.contents where account = $1 order by id`,
      [OPERATOR],
    );
  }

  /** Names of all accounts but the operator's own. */
  accounts(): Promise<KeyOwner[]> {
    return this.database.query<KeyOwner>(
      "select region, name as account from images.accounts where name <> $1 order by region, position",
      [OPERATOR],
    );
  }

  objects(): Promise<KnownObject[]> {
    return this.database.query<KnownObject>(
      `select region, name as account, objects.id as "objectId", exists (
        select from images.contents where object_id = objects.id and not discarded and virtual_bytes is not null
      ) as needed from images.objects join images.accounts on accounts.id = account_id`,
    );
  }

  unnamed(): Promise<Unnamed[]> {
    return this.database.query<Unnamed>(
      `select region, account, count(*)::int as count from images.contents
      where case when discarded then not images.is_kept(contents) else virtual_bytes is not null end
        and not exists (select from images.disk_references where disk_id = contents.id)
      group by region, account`,
    );
  }
}

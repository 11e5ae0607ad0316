import type { PostgresDatabase } from "../../catalog/postgres/database";
import type { StandingKey, WrappedKeys } from "../wrapped-keys";

/** The wrapped data keys of the login's records and of its objects in the bucket. */
export class PostgresWrappedKeys implements WrappedKeys {
  constructor(private readonly database: PostgresDatabase) {}

  wrappedBy(keyId: string): Promise<StandingKey[]> {
    const text = `select kind, id, wrapped_key as "wrappedKey" from images.wrapped_by($1)`;
    return this.database.query<StandingKey>(text, [keyId]);
  }

  async replace({ kind, id, wrappedKey }: StandingKey, rewrapped: string): Promise<boolean> {
    // Done twice, it leaves and tells the same.
    const text = "select images.rewrap($1, $2, $3, $4) as replaced";
    const asked = [kind, id, wrappedKey, rewrapped];
    const [row] = await this.database.query<{ replaced: boolean }>(text, asked);
    return row!.replaced;
  }
}

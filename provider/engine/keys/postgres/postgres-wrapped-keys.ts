import type { PostgresDatabase } from "../../catalog/postgres/database";
import type { StandingKey, WrappedKeys } from "../wrapped-keys";

/** The wrapped data keys of the login's records and of its objects in the bucket. */
export class PostgresWrappedKeys implements WrappedKeys {
  constructor(private readonly database: PostgresDatabase) {}

  wrappedBy(keyId: string): Promise<StandingKey[]> {
    const text = `select kind, id, wrapped_key as "wrappedKey" from images.wrapped_by($1)`;
    return this.database.query<StandingKey>(text, [keyId]);
  }

  replace({ kind, id, wrappedKey }: StandingKey, rewrapped: string): Promise<boolean> {
    // Done twice, it leaves and tells the same.
    return this.database.call("rewrap", kind, id, wrappedKey, rewrapped);
  }
}

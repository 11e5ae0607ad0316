import type { QueryResultRow } from "pg";
import type { ImageRecord } from "../../model";
import type { RegionPart, RegionSetup, StandingSetup } from "../../region/region-setup";
import { Fault } from "../../violation";
import { parseAddress, type PostgresAddress } from "./address";
import { TIMEOUTS, type Connection } from "./connection";
import { codeOf } from "./failures";
import { asFault } from "./faults";
import { migrate, schemaVersion } from "./schema/migrate";
import { SCHEMA_VERSION } from "./schema/schema";
import { Servers } from "./servers";

/** Kinds of things that keep an account from being taken out, the tables that have them, and which of these rows. */
const HELD: readonly (readonly [noun: string, table: string, which?: string])[] = [
  ["image", "images"],
  ["instance", "instances"],
  ["volume", "volumes"],
  ["share", "shares"],
  ["export", "exports"],
  ["master key", "master_keys as key", "not destroyed and purpose is null and not images.is_spare(key)"],
  ["disk", "contents"],
];

const FACTS = `select
  exists (select from images.objects) as "hasDisks",
  exists (select from images.master_keys as key where purpose is null and not images.is_spare(key)
    or purpose = 'sealing' and exists (select from images.objects where account_id = key.account_id)) as "hasKeys",
  (select coalesce(jsonb_agg(id), '[]') from images.contents
    where account = '@operator' and (virtual_bytes is null or discarded)) as "lacking",
  (select coalesce(jsonb_agg(jsonb_build_object(
    'region', region, 'account', account, 'id', id, 'version', version)), '[]')
  from images.master_keys where purpose = 'sealing') as "sealingKeys",
  (select coalesce(jsonb_agg(jsonb_build_object('region', region, 'account', account)), '[]')
  from images.master_keys where is_default and not destroyed) as "defaultKeys"`;

const SETTINGS_STAY = "The region's settings are as they were";

/** How a team's region is set up, in its database; for the operator, who owns that. */
export class AppliedSetup {
  readonly address: PostgresAddress;
  private connection: Promise<Connection> | undefined;

  /** Throws ViolationError for what isn't a database's URL. */
  constructor(endpoint: string) {
    this.address = parseAddress(endpoint);
  }

  /** What stands. `roles`: those to look for. */
  read(roles: readonly string[]): Promise<StandingSetup> {
    return this.attempt("Reading", async () => {
      const { client } = await this.connect();
      const version = (await schemaVersion(client)) ?? 0;
      const standing = {
        schemaVersion: version,
        setup: { regions: [] },
        holdings: [],
        hasDisks: false,
        hasKeys: false,
        lacking: [],
        sealingKeys: [],
        defaultKeys: [],
        roles: await this.rolesAmong(roles),
      };
      // What a newer schema has, this program can't tell.
      return version === 0 || version > SCHEMA_VERSION
        ? standing
        : { ...standing, ...(await this.settings()) };
    });
  }

  /** Brings the schema up to date, and makes the region what the setup says: each of the two whole, or not at all. */
  apply({ disks, keys, regions }: RegionSetup): Promise<void> {
    return this.attempt("Setting up", async () => {
      const { client } = await this.connect();
      await migrate(client);
      const offeredImages = regions.flatMap(({ offered }) => offered);
      const accounts = regions.map(({ name, accounts }) => ({ name, accounts }));
      const settings = JSON.stringify({ disks, keys, regions: accounts, offeredImages });
      await client.query("select images.apply_settings($1)", [settings]);
    });
  }

  async close(): Promise<void> {
    await (await this.connection?.catch(() => undefined))?.end();
  }

  private async settings(): Promise<Omit<StandingSetup, "schemaVersion" | "roles">> {
    const [row] = await this.query<{ settings: Settings }>("select images.settings() as settings");
    const { settings } = row!;
    if (!settings.operator) throw await this.notOperator();
    const { disks, keys, regions, offeredImages } = settings;
    const [facts] =
      await this.query<
        Pick<StandingSetup, "hasDisks" | "hasKeys" | "lacking" | "sealingKeys" | "defaultKeys">
      >(FACTS);
    return {
      setup: {
        disks: disks ?? undefined,
        keys: keys ?? undefined,
        regions: regions.map(({ name, accounts }) => ({
          name,
          accounts: accounts.map(({ name, role, quotas }) => ({ name, role, quotas })),
          offered: offeredImages.filter(({ region }) => region === name).map(asApplied),
        })),
      },
      holdings: await this.holdings(),
      ...facts!,
    };
  }

  private async holdings(): Promise<StandingSetup["holdings"]> {
    const counts = HELD.map(
      ([, table, which = "true"]) =>
        `(select count(*) from images.${table} where account_id = accounts.id and ${which})`,
    );
    const accepted = "(select count(*) from images.shares where member_account_id = accounts.id)";
    const rows = await this.query<{ region: string; name: string; counts: number[] }>(
      `select region, name, array[${[...counts, accepted].join(", ")}]::int[] as counts from images.accounts`,
    );
    const nouns = [...HELD.map(([noun]) => noun), "accepted share"];
    return rows.flatMap(({ region, name, counts }) => {
      const held = nouns.flatMap((noun, index) => {
        const count = counts[index]!;
        return count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`];
      });
      return held.length === 0 ? [] : [{ region, account: name, holds: held.join(", ") }];
    });
  }

  private async rolesAmong(roles: readonly string[]): Promise<Set<string>> {
    const found = await this.query<{ rolname: string }>(
      "select rolname from pg_catalog.pg_roles where rolname = any ($1)",
      [roles],
    );
    return new Set(found.map(({ rolname }) => rolname));
  }

  private async notOperator(): Promise<Fault> {
    const [row] = await this.query<{ owner: string }>(
      "select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = 'images'",
    );
    return new Fault(`Reading the region of ${this.address.described}`, {
      says: `login ${this.address.user} isn't its operator, which is ${row?.owner}. Name that in catalog:`,
    });
  }

  private connect(): Promise<Connection> {
    return (this.connection ??= new Servers(this.address, TIMEOUTS).connect());
  }

  private async query<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const { client } = await this.connect();
    return (await client.query<Row>(text, values)).rows;
  }

  private async attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.worded(error, doing);
    }
  }

  /** Other words than for a client, which is told to ask the operator. */
  private worded(error: unknown, doing: string): unknown {
    const { described, user, database } = this.address;
    const text = error instanceof Error ? error.message : String(error);
    const own = `${doing} the region of ${described}`;
    switch (codeOf(error)) {
      case "42501":
        return new Fault(own, {
          says:
            `login ${user} may not do this (${text}). An operator owns database ${database} or may create ` +
            `schemas in it, and may create roles: alter role "${user}" createrole. Roles that another made, as ` +
            `images_client for another region of the server, it may grant from PostgreSQL 16 on only where they ` +
            `are given it so: grant images_client to "${user}" with admin option`,
          left: SETTINGS_STAY,
          cause: error,
        });
      case "IM080":
        return new Fault(own, { says: text, left: SETTINGS_STAY, cause: error });
    }
    return asFault(error, doing === "Reading" ? "Reading" : "Writing", this.address);
  }
}

function asApplied({ withheld: _withheld, ...image }: ImageRecord): ImageRecord {
  return image;
}

interface Settings {
  operator: boolean;
  disks: string | null;
  keys: string | null;
  regions: Omit<RegionPart, "offered">[];
  offeredImages: RegionPart["offered"];
}

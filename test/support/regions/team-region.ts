import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { CopyObjectCommand, DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { parseAllDocuments } from "yaml";
import type { Catalog } from "../../../provider/engine/catalog/catalog";
import type { ProcessMark } from "../../../provider/engine/catalog/process-mark";
import { PostgresDatabase } from "../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../provider/engine/catalog/postgres-catalog";
import { Bucket } from "../../../provider/engine/s3/bucket";
import { downloadDisk } from "../../../provider/engine/disks/bucket/disk-download";
import type { ExternalContents } from "../../../provider/engine/disks/external-contents";
import { applyRegion } from "../../../provider/engine/region/apply-region";
import { planApplication } from "../../../provider/engine/region/plan-application";
import type { TestDatabase } from "../postgres-server";
import { openDisks, type OpenedDisks } from "./opened-disks";
import type { TeamServers } from "./team-servers";
import type { TestRegion } from "./test-region";

/** What the keys of all its objects begin with. */
const PREFIX = "disks";

const HOST = /@[^@/]+\//;
/** Those that others are copied from, by what their files say: nobody works in them. */
const PATTERNS = new WeakMap<TeamServers, Map<string, Promise<TeamRegion>>>();
/** Login and password of a URL. */
const PASSWORD = /(\/\/[^:@]+):([^@]+)@/;

/** In a database and a bucket of its own. Its login is a member of every account. */
export class TeamRegion implements TestRegion {
  private constructor(
    private readonly servers: TeamServers,
    readonly database: TestDatabase,
    private readonly bucket: string,
    private readonly folder: string,
    readonly endpoint: string,
  ) {}

  /** A copy of one that is set up once for all that have the same file: it takes a tenth of the time. */
  static async make(servers: TeamServers, regionFile: string): Promise<TeamRegion> {
    let patterns = PATTERNS.get(servers);
    if (!patterns) PATTERNS.set(servers, (patterns = new Map()));
    let pattern = patterns.get(regionFile);
    if (!pattern) patterns.set(regionFile, (pattern = TeamRegion.setUp(servers, regionFile)));
    return (await pattern).copy();
  }

  private static async setUp(servers: TeamServers, regionFile: string): Promise<TeamRegion> {
    const { postgres, s3 } = servers;
    const [database, bucket] = await Promise.all([postgres.newDatabase(), s3.newBucket()]);
    const login = await postgres.newLogin(database);
    const endpoint = servers.hosts ? login.replace(HOST, `@${servers.hosts}/`) : login;
    const folder = await mkdtemp(path.join(servers.folder, "region-"));
    const region = new TeamRegion(servers, database, bucket, folder, endpoint);
    await region.apply(regionFile);
    return region;
  }

  get config(): Record<string, string> {
    return configOf(this.endpoint);
  }

  get env(): NodeJS.ProcessEnv {
    return envOf(this.endpoint);
  }

  /** Where the account's role has its name. */
  async as(account: string) {
    const login = await this.servers.postgres.newLogin(this.database, account);
    return { config: configOf(login), env: envOf(login) };
  }

  async apply(regionFile: string): Promise<void> {
    const file = path.join(this.folder, "region.yaml");
    const [first, ...others] = parseAllDocuments(regionFile);
    for (const [key, value] of Object.entries(this.places)) first!.set(key, value);
    await writeFile(file, [first, ...others].map(String).join("---\n"));
    const plan = await planApplication(file);
    if (plan.refusals.length > 0) throw new Error(plan.refusals.join("\n"));
    await applyRegion(plan);
    const login = PASSWORD.exec(this.endpoint)![1]!.slice("//".length);
    const roles = plan.wanted.regions.flatMap(({ accounts }) => accounts.map(({ role }) => `"${role}"`));
    await this.servers.postgres.query("postgres", `grant ${roles.join(", ")} to ${login}`);
  }

  openCatalog(owner?: ProcessMark): Promise<Catalog> {
    return openTeamCatalog(this.endpoint, owner);
  }

  async contents(): Promise<string[]> {
    const rows = await this.query<{ id: string; object: string | null }>(
      `select id, object_id as object from images.contents
      where virtual_bytes is not null and not discarded and account <> '@operator' order by id`,
    );
    const objects = new Set((await this.servers.s3.keys(this.bucket)).map(objectOf));
    return rows.filter(({ object }) => object === null || objects.has(object)).map(({ id }) => id);
  }

  async whatIsOf(id: string): Promise<string> {
    const rows = await this.query<{ row: string; object: string | null }>(
      "select to_jsonb(contents)::text as row, object_id as object from images.contents where id = $1",
      [id],
    );
    const keys = await this.servers.s3.keys(this.bucket);
    return rows
      .map(
        ({ row, object }) =>
          `${row}, ${keys.filter((key) => objectOf(key) === object).join() || "no object"}`,
      )
      .concat(rows.length === 0 ? "no row" : [])
      .join();
  }

  async leftOver(): Promise<string[]> {
    const { s3 } = this.servers;
    const rows = await this.query<{ id: string; discarded: boolean; object: string | null }>(
      "select id, discarded, object_id as object from images.contents",
    );
    const named = new Set(rows.map(({ object }) => object));
    return [
      ...rows.filter(({ discarded }) => discarded).map(({ id }) => `discarded content ${id}`),
      ...(await s3.keys(this.bucket))
        .filter((key) => !named.has(objectOf(key)))
        .map((key) => `object ${key}`),
      ...(await s3.uploads(this.bucket)).map((key) => `upload of ${key}`),
    ];
  }

  async withContent<T>(
    id: string,
    wrappedKey: string | undefined,
    use: (file: string) => Promise<T>,
  ): Promise<T> {
    const key = wrappedKey ? await this.withDisks(({ keys }) => keys.unwrap(wrappedKey)) : undefined;
    return this.withOpened(id, key, use);
  }

  /** As `withContent`, with the key that is already unwrapped. */
  async withOpened<T>(id: string, key: Buffer | undefined, use: (file: string) => Promise<T>): Promise<T> {
    const path = this.fileOf(id);
    await this.withDisks(async ({ index, objects }) => {
      const entry = await index.find(id);
      if (entry?.state !== "whole") throw new Error(`content ${id} is ${entry?.state}`);
      const file = await open(path, "w");
      try {
        const bucket = Bucket.named(this.bucket, { retryMs: 0 });
        if (entry.object) await downloadDisk(await objects.open(bucket, entry, entry.object, key), file);
        await file.truncate(entry.virtualBytes);
      } finally {
        await file.close();
      }
    });
    try {
      return await use(path);
    } finally {
      await rm(path);
    }
  }

  async changeContent(
    id: string,
    change: (file: string, format: "raw" | "qcow2") => Promise<void>,
  ): Promise<void> {
    await this.withContent(id, undefined, async (file) => {
      await change(file, "raw");
      const [before] = await this.query<{ object: string | null; key: string }>(
        `select object_id as object, concat_ws('/', '${PREFIX}', region, account, object_id) as key
        from images.contents where id = $1`,
        [id],
      );
      await this.query(
        "update images.contents set object_id = null, virtual_bytes = null, checksum = null where id = $1",
        [id],
      );
      await this.withDisks(({ store }) =>
        store.importFile({ path: file, format: "raw", property: "file" }, id),
      );
      const unnamed = await this.query<{ id: string }>(
        `delete from images.objects where id = $1
        and not exists (select from images.contents where object_id = $1) returning id`,
        [before!.object],
      );
      if (unnamed.length > 0) {
        const { client } = this.servers.s3;
        await client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: before!.key }));
      }
    });
  }

  private fileOf(content: string): string {
    return path.join(this.folder, `${content}.raw`);
  }

  /** Its store, as a program of the login has it. `external`: contents outside of it. */
  openDisks(external?: ExternalContents): OpenedDisks {
    return openDisks(
      { endpoint: this.endpoint, keys: this.places.keys, bucket: this.bucket, prefix: PREFIX },
      external,
    );
  }

  private async withDisks<T>(use: (disks: OpenedDisks) => Promise<T>): Promise<T> {
    const disks = this.openDisks();
    try {
      return await use(disks);
    } finally {
      await disks.close();
    }
  }

  private async object(Key: string): Promise<Buffer> {
    const { s3 } = this.servers;
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  }

  async *stored(): AsyncIterable<{ name: string; bytes: Buffer }> {
    const tables = await this.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'images'",
    );
    for (const { name } of tables) {
      const rows = await this.query<{ row: string }>(`select each::text as row from images.${name} as each`);
      yield { name, bytes: Buffer.from(rows.map(({ row }) => row).join("\n")) };
    }
    for (const name of await this.servers.s3.keys(this.bucket))
      yield { name, bytes: await this.object(name) };
  }

  async copy(): Promise<TeamRegion> {
    const { postgres, s3 } = this.servers;
    const [database, bucket] = await Promise.all([postgres.copyDatabase(this.database), s3.newBucket()]);
    for (const Key of await s3.keys(this.bucket))
      await s3.client.send(
        new CopyObjectCommand({ Bucket: bucket, Key, CopySource: `${this.bucket}/${Key}` }),
      );
    const folder = await mkdtemp(path.join(this.servers.folder, "region-"));
    const endpoint = this.endpoint.replace(/[^/]*$/, database.name);
    const copy = new TeamRegion(this.servers, database, bucket, folder, endpoint);
    await copy.query("update images.settings set disks = $1", [copy.places.disks]);
    return copy;
  }

  async remove(): Promise<void> {
    const { postgres, s3 } = this.servers;
    await postgres.dropDatabase(this.database);
    await s3.removeBucket(this.bucket);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What its region.yaml says of it, and an embedded one's doesn't. */
  private get places() {
    return { catalog: this.database.url, disks: `s3://${this.bucket}/${PREFIX}`, keys: this.servers.hsm.url };
  }

  query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.servers.postgres.query<Row>(this.database, sql, values);
  }
}

function configOf(endpoint: string): Record<string, string> {
  return { "images:endpoint": endpoint.replace(PASSWORD, "$1@") };
}

function envOf(endpoint: string): NodeJS.ProcessEnv {
  return { PGPASSWORD: PASSWORD.exec(endpoint)![2] };
}

export async function openTeamCatalog(endpoint: string, owner?: ProcessMark): Promise<Catalog> {
  const database = new PostgresDatabase(endpoint);
  try {
    return new PostgresCatalog(database, await readSettings(database), { owner });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Objects are called by their ID, behind their owner. */
function objectOf(key: string): string {
  return path.posix.basename(key);
}

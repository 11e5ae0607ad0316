import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { newImage, newInstance, newVolume } from "../../records";

const CLIENTS = 8;
const OWN = { account: "acme" };

const snapshot = (device: string, id: string) => ({ device, kind: "snapshot", id, size: 1 });

/** One connection of a client that keeps to nothing: plain SQL, in whatever order. */
class Liar {
  private made = 0;

  constructor(
    private readonly client: Client,
    private readonly name: string,
  ) {}

  /** What the database refuses is what was expected of it. */
  private async try(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.client.query(text, values).then(
      ({ rows }) => rows as Record<string, unknown>[],
      () => [],
    );
  }

  private insert(given: object = {}, creator: unknown = null): Promise<unknown> {
    const id = `img-${this.name}-${++this.made}`;
    const image = newImage(id, OWN);
    const deviceMappings = [...image.deviceMappings, snapshot("/dev/vdb", `snap-${id}`)];
    const record = { ...image, deviceMappings, ...given };
    return this.try("select images.insert_record('image', $1, $2)", [record, creator]);
  }

  private async some(table: string): Promise<string | undefined> {
    const [row] = await this.try(`select id from images.${table} order by random() limit 1`);
    return row?.id as string | undefined;
  }

  private creator(pid: number): Promise<unknown> {
    return this.try("select images.own_creator('elsewhere', $1, '1') as id", [pid]).then(([row]) => row?.id);
  }

  private readonly tricks: (() => Promise<unknown>)[] = [
    () => this.insert(),
    async () => {
      await this.try("begin");
      await this.insert();
      await this.try("select pg_sleep(0.02)");
      await this.try(Math.random() < 0.5 ? "commit" : "rollback");
    },
    async () => {
      await this.try("begin");
      for (let times = 0; times < 3; times++) {
        await this.try("savepoint s");
        await this.insert();
        await this.try(times < 2 ? "rollback to s" : "release s");
      }
      await this.try("commit");
    },
    async () => {
      const record = newImage(`img-${this.name}-caught-${++this.made}`, OWN);
      await this.try(`do $$ begin
        perform images.insert_record('image', '${JSON.stringify(record)}', null);
        raise 'no';
      exception when others then null; end $$`);
    },
    async () => {
      const id = await this.some("images");
      await this.try("begin");
      await this.try("set constraints all immediate");
      for (let times = 0; times < 2; times++)
        await this.try("select images.delete_record('image', $1)", [id]);
      await this.insert();
      await this.insert();
      await this.try(Math.random() < 0.7 ? "commit" : "rollback");
    },
    async () => this.try("select images.delete_record('image', $1)", [await this.some("images")]),
    async () => {
      await this.try("begin isolation level serializable");
      await this.insert();
      await this.try("commit");
    },
    async () => {
      const creator = await this.creator(Math.ceil(Math.random() * 3));
      await this.insert({ status: "creating" }, creator);
      await this.try("select images.sweep(array[$1::bigint])", [creator]);
      await this.insert({ status: "creating" }, creator);
    },
    // An image's snapshot held by what isn't an image, and said to be its own.
    async () => {
      const [row] = await this.try(
        "select attributes -> 'deviceMappings' as devices from images.images limit 1",
      );
      const device = ((row?.devices ?? []) as { id: string }[]).at(-1);
      const id = `${this.name}-${++this.made}`;
      const instance = { ...newInstance(`i-${id}`, OWN), deviceMappings: row?.devices };
      await this.try("select images.insert_record('instance', $1, null)", [instance]);
      const changes = { scratch: device && [device.id] };
      await this.try("select images.update_record('instance', $1, $2)", [instance.id, changes]);
      const volume = newVolume(`v-${id}`, { ...OWN, scratch: device && [device.id] });
      await this.try("select images.insert_record('volume', $1, null)", [volume]);
      if (Math.random() < 0.5) await this.try("select images.delete_record('instance', $1)", [instance.id]);
      await this.try("select images.delete_record('volume', $1)", [volume.id]);
    },
    // The same snapshot twice.
    async () => {
      const id = `snap-twice-${this.name}-${++this.made}`;
      await this.insert({ deviceMappings: [snapshot("/dev/vda", id), snapshot("/dev/vdb", id)] });
    },
    async () => {
      const id = await this.some("images");
      await this.try("select images.update_record('image', $1, $2)", [id, { status: "creating" }]);
      await this.try("select images.update_record('image', $1, $2)", [id, { deviceMappings: [] }]);
      await this.try("update images.places set private_images = 0");
      await this.try("select images.give_places(1, $1)", [id]);
    },
  ];

  /** Until it is killed. Now and then it is gone in the midst of a transaction. */
  async live(): Promise<void> {
    await this.try(
      "set idle_in_transaction_session_timeout = 0; set lock_timeout = 0; set statement_timeout = 0",
    );
    for (let steps = 0; steps < 25; steps++) {
      await this.tricks[Math.floor(Math.random() * this.tricks.length)]!();
      await wait(Math.random() * 10);
    }
    await this.try("begin");
    await this.insert();
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}

async function main([url, name]: string[]): Promise<void> {
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, n) => {
      const client = new Client({ connectionString: url });
      client.on("error", () => undefined);
      await client.connect();
      await new Liar(client, `${name}-${n}`).live();
    }),
  );
}

if (require.main === module) void main(process.argv.slice(2));

import { expect } from "chai";
import { newExport, newImage, newInstance, newShare, newVolume } from "../../records";
import { describeSchema, type Someone, Team } from "./team";

const MEMBERS = ["acme", "partner", "third"];
const CLIENTS = 9;
const STEPS = 40;
const SEED = Number(process.env.IMAGES_TEST_SEED ?? 1);

/** Numbers from 0 to 1 that are the same for the same seed. */
function random(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** What holds at every moment, whoever does what; each answers with what breaks it. */
const INVARIANTS: Record<string, string> = {
  "places are counted exactly": `
    select places.* from images.places join images.accounts on id = account_id
    where private_images <> (select count(*) from images.images where account_id = accounts.id)
      or snapshots <> (select count(distinct disk_id) from images.disk_references
        where account_id = accounts.id and snapshot = 1)`,
  "no quota is exceeded": `
    select name from images.accounts join images.places on account_id = id
    where private_images > quota_private_images or snapshots > quota_snapshots
      or quota_accepted_shares < (select count(*) from images.shares where member_account_id = accounts.id)`,
  "no image has more members than its owner's quota": `
    select image_id from images.shares join images.accounts on accounts.id = account_id
    group by image_id, quota_members_per_image having count(*) > quota_members_per_image`,
  "what is named isn't discarded, and what isn't named is": `
    select id from images.contents where account <> '@operator'
      and case when exists (select from images.disk_references where disk_id = contents.id) then discarded
        else not discarded and id not in (select content_id from images.released_contents) end`,
  "every record names its contents, and no others": `
    select id from images.images where images.contents_of('image', attributes) <> array(
      select disk_id from images.disk_references where image_id = images.id order by disk_id)
    union all
    select id from images.instances where images.contents_of('instance', attributes) <> array(
      select disk_id from images.disk_references where instance_id = instances.id order by disk_id)
    union all
    select id from images.volumes where images.contents_of('volume', attributes) <> array(
      select disk_id from images.disk_references where volume_id = volumes.id order by disk_id)`,
  "no one's disk is another's": `
    select instances.id from images.instances, unnest(images.disks_of(attributes)) as disk
    join images.contents on contents.id = disk where contents.account_id <> instances.account_id`,
  "shares are of active images that may be shared": `
    select shares.id from images.shares join images.images on images.id = image_id
    where images.attributes ->> 'status' <> 'active' or images.account_id <> shares.account_id
      or images.attributes ->> 'imageType' = 'full'`,
  "a localDisk image is made of nothing that is cloudDisk": `
    select made.id from images.images as made
    join images.images as source on source.id = made.attributes -> 'source' ->> 'id'
    where made.attributes -> 'architectures' = '["localDisk"]'
      and source.attributes -> 'architectures' = '["cloudDisk"]'`,
  "every record's making is in the audit": `
    select id from images.images where not exists (
      select from images.audit where kind = 'image' and audit.id = images.id and action = 'insert')`,
};

describeSchema("PostgreSQL keeps what holds, whatever several clients do at once", () => {
  it(`in histories of seed ${SEED}`, async () => {
    const quotas = { privateImages: 5, membersPerImage: 1, acceptedShares: 2, snapshots: 6 };
    const team = await Team.found(quotas, MEMBERS);
    const refusals = new Map<string, number>();
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, n) => {
        const account = MEMBERS[n % MEMBERS.length]!;
        const client = await team.another(account);
        const creator = await client.call<string>("own_creator", "host", n, "1");
        await live(client, { account, creator, n, next: random(SEED * 1000 + n), refusals });
      }),
    );
    for (const [what, broken] of Object.entries(INVARIANTS)) {
      expect(await team.rows(broken), what).to.deep.equal([]);
    }
    expect([...refusals.keys()].filter((code) => !/^IM|^40P01$/.test(code))).to.deep.equal([]);
    expect(refusals.get("IM010"), "quota was never reached").to.be.greaterThan(0);
  });
});

interface Life {
  account: string;
  creator: string;
  n: number;
  next: () => number;
  refusals: Map<string, number>;
}

async function live(client: Someone, { account, creator, n, next, refusals }: Life): Promise<void> {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(next() * from.length)];
  const ids = async (table: string) =>
    (await client.query<{ id: string }>(`select id from images.${table} where account = $1`, [account])).map(
      ({ id }) => id,
    );
  const seen = async () =>
    (
      await client.query<{ id: string }>(
        "select id from images.images union all select id from images.shared_images()",
      )
    ).map(({ id }) => id);
  let made = 0;
  const id = () => `${n}-${++made}`;
  const snapshot = (disk: string, device = "/dev/vda") => ({
    device,
    kind: "snapshot" as const,
    id: disk,
    size: 1,
  });
  const actions: (() => Promise<unknown>)[] = [
    () => client.call("insert_record", "image", newImage(`img-${id()}`, { account }), null),
    async () => {
      const made = `img-${id()}`;
      await client.call("insert_record", "image", newImage(made, { account, status: "creating" }), creator);
      await client.call("update_record", "image", made, { status: "active", checksum: "sha256:00" });
    },
    async () => {
      const source = pick(await ids("images"));
      const made = `img-${id()}`;
      const given = {
        ...{ account, status: "creating" as const, architectures: ["cloudDisk" as const] },
        source: { type: "image" as const, id: source ?? "img-0", conversion: true },
        deviceMappings: [snapshot(`snap-${made}`)],
      };
      await client.call("insert_record", "image", newImage(made, given), creator);
      if (next() < 0.8) await client.call("update_record", "image", made, { status: "active" });
    },
    async () => {
      const source = pick(await seen());
      const given = {
        account,
        scratch: [`disk-of-${source}`],
        source: { type: "image" as const, id: source ?? "x" },
      };
      const made = `i-${id()}`;
      await client.call("insert_record", "instance", newInstance(made, given), null);
      await client.call("update_record", "instance", made, { scratch: null });
    },
    async () => {
      const source = pick(await ids("instances"));
      const given = {
        account,
        source: { type: "instance" as const, id: source ?? "i-0" },
        scratch: [`system-of-${source}`],
      };
      await client.call("insert_record", "image", newImage(`img-${id()}`, given), null);
    },
    () => client.call("insert_record", "volume", newVolume(`v-${id()}`, { account }), null),
    async () => {
      const member = pick(MEMBERS)!;
      const image = pick(await seen()) ?? "img-0";
      await client.call("insert_record", "share", newShare(`s-${id()}`, image, member, { account }), null);
    },
    async () => {
      const image = pick(await ids("images")) ?? "img-0";
      const given = { account, status: "creating" as const, objects: [] };
      const made = `exp-${id()}`;
      await client.call("insert_record", "export", newExport(made, image, given), creator);
      await client.call("update_record", "export", made, { status: "active" });
    },
    async () => client.call("delete_record", "image", pick(await ids("images")) ?? "img-0"),
    async () => client.call("delete_record", "image", pick(await ids("images")) ?? "img-0"),
    async () => client.call("delete_record", "instance", pick(await ids("instances")) ?? "i-0"),
    async () => client.call("delete_record", "volume", pick(await ids("volumes")) ?? "v-0"),
    async () => client.call("delete_record", "share", pick(await ids("shares")) ?? "s-0"),
    async () =>
      client.call(
        "sweep",
        (await client.query<{ id: string }>("select id from images.creators()")).map(({ id }) => id),
      ),
    async () => {
      const discarded = await client.query<{ id: string }>("select id from images.discarded() as id");
      for (const { id } of discarded) await client.call("remove_content", id);
      await client.call(
        "forget_contents",
        discarded.map(({ id }) => id),
      );
    },
  ];
  for (let step = 0; step < STEPS; step++) {
    const together = next() < 0.3;
    try {
      if (together) await client.query("begin");
      for (let left = together ? 3 : 1; left > 0; left--) await pick(actions)!();
      if (together) await client.query(next() < 0.2 ? "rollback" : "commit");
    } catch (error) {
      await client.query("rollback");
      const { code } = error as { code: string };
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
    }
  }
}

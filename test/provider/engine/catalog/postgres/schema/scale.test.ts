import { expect } from "chai";
import { newShare } from "../../records";
import { describeSchema, type Someone, Team } from "./team";

const ACCOUNTS = 100;
const IMAGES = 100;

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  Plans?: Plan[];
}

describeSchema("PostgreSQL finds an account's rows among those of all others by index", () => {
  let team: Team;
  let someone: Someone;

  before(async () => {
    const accounts = Array.from({ length: ACCOUNTS }, (_, n) => `a${n}`);
    team = await Team.found({ privateImages: 1000 }, ["acme", ...accounts]);
    const first = (
      await team.rows<{ id: number }>("select id from images.accounts where region = 'local' and name = 'a0'")
    )[0]!.id;
    await team.rows(`
      insert into images.images (
        id, sequence, region, account, account_id, created_at, declared_by, visibility, attributes)
      select 'img-' || account_id || '-' || n, nextval('images.record_sequence'), region, name, account_id, now(),
        'urn:' || n, 'private', jsonb_build_object('name', 'image-' || n, 'tags', '{"team": "a"}'::jsonb) ||
        '{"status": "active", "encrypted": false, "imageType": "system"}'
      from (select id as account_id, region, name from images.accounts where name like 'a%') as owners,
        generate_series(1, ${IMAGES}) as n`);
    await team.rows("insert into images.image_tags select id, 'team', 'a', account_id from images.images");
    await team.rows(`
      insert into images.contents (id, region, account, account_id)
      select 'disk-of-' || id, region, account, account_id from images.images`);
    await team.rows(`
      insert into images.disk_references (disk_id, snapshot, image_id, region, account, account_id)
      select 'disk-of-' || id, 0, id, region, account, account_id from images.images`);
    await team.rows(`
      insert into images.audit (login, account_id, action, kind, id)
      select 'x', account_id, 'insert', 'image', id from images.images`);
    await team.rows("analyze");
    const owner = await team.as("a1");
    const shared = `img-${first + 1}-1`;
    await owner.call("insert_record", "share", newShare("s-1", shared, "a0", { account: "a1" }), null);
    someone = await team.as("a0");
  });

  /** Tables that a statement reads from one end to the other. */
  const scanned = async (text: string): Promise<string[]> => {
    const [row] = await someone.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(`explain (format json) ${text}`);
    const walk = (plan: Plan): string[] => [
      ...(plan["Node Type"] === "Seq Scan" ? [plan["Relation Name"]!] : []),
      ...(plan.Plans ?? []).flatMap(walk),
    ];
    return walk(row!["QUERY PLAN"][0].Plan);
  };

  for (const [what, text, rows] of [
    ["all of its images", "select * from images.images", IMAGES * 2],
    ["all images that others share with it", "select * from images.shared_images()", 1],
    [
      "the images of a region and account",
      "select * from images.images where region = 'local' and account = 'a0' and visibility = 'private'",
      IMAGES,
    ],
    ["an image by its ID", "select * from images.images where id = 'img-2-1'", undefined],
    ["images by their declaration", "select * from images.images where declared_by = 'urn:7'", 2],
    [
      "all that a stack has declared",
      "select * from images.images where declared_by >= 'urn:7' and declared_by < 'urn:8'",
      // 7, and 70 to 79, in both regions.
      22,
    ],
    ["an image by its creation token", "select * from images.images where creation_token = 'none'", 0],
    [
      "images that hold a snapshot",
      `select * from images.images where id in (
         select image_id from images.disk_references where disk_id = 'none' and snapshot = 1)`,
      0,
    ],
    ["all tags", "select * from images.image_tags", IMAGES * 2],
    [
      "images by a tag",
      `select images.* from images.image_tags as tag cross join images.images
       where tag.key = 'team' and tag.value = 'a' and images.id = tag.image_id
         and images.region = 'local' and images.account = 'a0'`,
      IMAGES,
    ],
    [
      "images by their name",
      "select * from images.images where region = 'local' and account = 'a0' and name = 'image-7'",
      1,
    ],
    [
      "what it shares with an account by a tag",
      `select images.* from images.shares as share cross join images.images
       where share.image_id = images.id and share.region = 'local' and share.member_id = 'a0'
         and exists (select 1 from images.image_tags as tag
           where tag.image_id = images.id and tag.key = 'team' and tag.value = 'a')`,
      0,
    ],
    ["what names its disks", "select * from images.disk_references", IMAGES * 2],
    ["its audit", "select * from images.audit where action = 'insert'", undefined],
  ] as const) {
    it(what, async () => {
      const big = ["images", "image_tags", "disk_references", "audit"];
      expect((await scanned(text)).filter((table) => big.includes(table))).to.deep.equal([]);
      if (rows !== undefined) expect(await someone.query(text)).to.have.length(rows);
    });
  }
});

describeSchema("PostgreSQL finds a login's accounts", () => {
  const OTHERS = 2000;

  it("by index among those of all others", async () => {
    const team = await Team.found();
    await team.rows(`
      insert into images.accounts (region, name, position, role, quota_private_images, quota_members_per_image,
        quota_accepted_shares, quota_snapshots)
      select 'local', 'a' || n, 100 + n, 'none-' || n, 0, 0, 0, 0 from generate_series(1, ${OTHERS}) as n`);
    await team.rows("analyze images.accounts");
    const acme = await team.as("acme");
    await acme.query("begin");
    expect(await acme.call("my_account_ids")).to.have.length(2);
    const [accounts] = await acme.query<{ read: string }>(
      "select seq_tup_read as read from pg_stat_xact_user_tables where relname = 'accounts'",
    );
    await acme.query("commit");
    expect(Number(accounts!.read)).to.be.lessThan(OTHERS);
  });

  it("by its own memberships, however many the planner takes a login to have", async () => {
    const team = await Team.found();
    const { username } = new URL(await team.login("acme"));
    const superuser = await team.superuser();
    await superuser.query("begin");
    try {
      await superuser.query(`do $$ begin
        for n in 0..${OTHERS} loop execute format('create role none_%s', n); end loop;
        for n in 1..${OTHERS} loop execute format('grant none_%s to none_0', n); end loop;
      end $$`);
      await superuser.query("analyze pg_auth_members");
      await superuser.query(`update pg_statistic set stadistinct = 2, stakind1 = 0, stakind2 = 0, stakind3 = 0
        where starelid = 'pg_auth_members'::regclass and staattnum = (
          select attnum from pg_attribute where attrelid = starelid and attname = 'member')`);
      await superuser.query("set local track_functions = 'all'");
      await superuser.query(`set local session authorization ${username}`);
      expect(await superuser.call("my_account_ids")).to.have.length(2);
      await superuser.query("reset session authorization");
      const [judged] = await superuser.query<{ calls: string }>(
        "select calls from pg_stat_xact_user_functions where funcname = 'is_usable'",
      );
      // The account's role, and that of all clients.
      expect(Number(judged!.calls)).to.equal(2);
    } finally {
      await superuser.query("rollback");
    }
  });
});

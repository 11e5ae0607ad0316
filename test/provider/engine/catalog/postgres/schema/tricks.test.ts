import { expect } from "chai";
import { newImage, newShare, newVolume } from "../../records";
import { describeSchema, newKey, type Someone, Team, wrappedBy } from "./team";

describeSchema("PostgreSQL isn't tricked", () => {
  let team: Team;
  let thief: Someone;

  before(async () => {
    team = await Team.found();
    const acme = await team.as("acme");
    await acme.call("insert_record", "image", newImage("img-secret", { account: "acme" }), null);
    thief = await team.another("third");
  });

  /** As an administrator may have: no one has it by default. */
  const withTemporaryObjects = async (work: () => Promise<void>): Promise<void> => {
    const { name } = team.database;
    await team.rows(`grant temporary on database ${name} to public`);
    try {
      await work();
    } finally {
      await team.rows(`revoke temporary on database ${name} from public`);
    }
  };

  const seen = async () => (await thief.query("select id from images.images")).length;
  const denied = async (text: string, code = "42501") =>
    expect((await thief.refused(text)).code, text).to.equal(code);

  it("by statements that write its tables, any of them", async () => {
    const tables = await team.rows<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'images'::regnamespace and relkind = 'r'",
    );
    expect(tables.length).to.be.greaterThan(15);
    for (const { name } of tables) {
      await denied(`insert into images.${name} default values`);
      await denied(`delete from images.${name}`);
      await denied(`truncate images.${name}`);
      await denied(`begin; lock table images.${name} in exclusive mode`);
    }
    expect((await thief.refused("delete from images.wrapped_keys")).code).to.equal("55000");
    await denied("update images.images set account = 'third'");
    await denied("select * from images.images for update");
    await denied("select nextval('images.record_sequence')");
  });

  it("by roles and settings of the session", async () => {
    for (const text of [
      "set role postgres",
      `set role "${team.roleOf("acme")}"`,
      `set session authorization "${team.roleOf("acme")}"`,
      "set session_replication_role = replica",
    ]) {
      await denied(text);
    }
    await thief.query(`set role "${team.roleOf("third")}"`);
    expect(await seen()).to.equal(0);
    await thief.query("reset role");
    await denied("set row_security = off; select * from images.images");
    await thief.query("reset row_security");
    await thief.query("set images.account = 'acme'");
    await thief.query("set application_name = 'acme'");
    expect(await seen()).to.equal(0);
    await thief.query("reset all");
  });

  it("by what a member of a group may do as the group", async () => {
    for (const role of ["images_client", team.roleOf("third")]) {
      await thief.query(`set role "${role}"`);
      await thief.query("drop owned by current_user cascade");
      await denied("reassign owned by current_user to session_user");
      await denied(`grant "${role}" to "${team.roleOf("partner")}"`);
      await denied("alter role current_user login");
      await denied("create schema mine");
      await thief.query("alter role current_user set default_transaction_read_only = on");
      await thief.query("reset role");
    }
    // Granted by the operator, so that the group gives none of it up.
    const acme = await team.another("acme");
    expect(await acme.query("select id from images.images")).to.deep.equal([{ id: "img-secret" }]);
    await acme.call("update_record", "image", "img-secret", { description: "still" });
  });

  it("by parameters that change what SQL means", async () => {
    await thief.call("insert_record", "image", newImage("img-thief", { account: "third" }), null);
    for (const parameter of [
      ...["standard_conforming_strings = off", "transform_null_equals = on", "array_nulls = off"],
      ...["quote_all_identifiers = on", "datestyle = 'SQL, DMY'", "intervalstyle = sql_standard"],
      ...["timezone = 'Pacific/Kiritimati'", "bytea_output = escape", "client_encoding = latin1"],
    ]) {
      await thief.query(`set ${parameter}`);
    }
    try {
      expect(await seen()).to.equal(1);
      const record = newImage("img-new", { account: "third" });
      const refusals: [string, ...unknown[]][] = [
        ["not-your-account", "insert_record", "image", { ...record, account: "acme" }, null],
        ["id-taken", "insert_record", "image", newImage("img-thief", { account: "third" }), null],
        ["malformed", "insert_record", "image", { ...record, name: "\u001b[31m" }, null],
        ["absent", "update_record", "image", "img-secret", { name: "mine" }],
        [
          "source-absent",
          "insert_record",
          "share",
          newShare("s", "img-secret", "partner", { account: "third" }),
          null,
        ],
      ];
      for (const [rule, name, ...args] of refusals) {
        expect(await thief.refusedCall(name as string, ...args)).to.equal(rule);
      }
      const made = await thief.call<{ createdAt: string }>("insert_record", "image", record, null);
      expect(made.createdAt).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
      expect(Math.abs(Date.parse(made.createdAt) - Date.now())).to.be.lessThan(3_600_000);
    } finally {
      await thief.query("reset all");
    }
    await thief.call("delete_record", "image", "img-thief");
    await thief.call("delete_record", "image", "img-new");
  });

  it("by tables and functions of its own in front of the schema's", () =>
    withTemporaryObjects(async () => {
      await thief.query(
        "create temporary table accounts as select 1 as id, 'local' as region, 'acme' as name",
      );
      await thief.query("create temporary table shares (image_id text, member_account_id int)");
      await thief.query("insert into pg_temp.shares select 'img-secret', generate_series(1, 10)");
      await thief.query(
        "create function pg_temp.my_account_ids() returns int[] language sql as 'select array[1,2,3,4]'",
      );
      await thief.query(
        "create function pg_temp.my_roles() returns setof name language sql as $$ select 'postgres'::name $$",
      );
      await thief.query("create function pg_temp.is_mine(int) returns boolean language sql as 'select true'");
      await thief.query("set search_path = pg_temp, images, public");
      expect(await seen()).to.equal(0);
      const forged = newImage("img-forged", { account: "acme" });
      expect(await thief.refusedCall("insert_record", "image", forged, null)).to.equal("not-your-account");
      expect(await thief.refusedCall("update_record", "image", "img-secret", { name: "x" })).to.equal(
        "absent",
      );
      const share = newShare("s-x", "img-secret", "partner", { account: "third" });
      expect(await thief.refusedCall("insert_record", "share", share, null)).to.equal("source-absent");
      await thief.query("reset search_path");
    }));

  it("by texts of any length, where the audit and others would have to bear them", async () => {
    const long = "x".repeat(5000);
    const own = { region: "local", account: "third" };
    await thief.call("insert_record", "volume", newVolume("v-long", { account: "third" }), null);
    const tooLong = async (name: string, ...args: unknown[]) => {
      const places = args.map((_, index) => `$${index + 1}`).join(", ");
      expect((await thief.refused(`select images.${name}(${places})`, args)).code, name).to.equal("23514");
    };
    await tooLong("own_creator", long, 1, "1");
    await tooLong("own_creator", "host", 1, long);
    await tooLong("finish_content", "disk-of-v-long", { virtualBytes: 1, checksum: long });
    const key = await newKey(thief, "third");
    const draft = { objectId: "0".repeat(32), locked: false, wrappedKey: wrappedBy(key) };
    await tooLong("begin_content", "disk-of-v-long", { ...draft, wrappedKey: wrappedBy(key) + long });
    await thief.call("begin_content", "disk-of-v-long", draft);
    await tooLong("rewrap", "object", draft.objectId, draft.wrappedKey, wrappedBy(key) + long);
    const object = { objectId: draft.objectId, storedBytes: 1, digest: long };
    await tooLong("finish_content", "disk-of-v-long", { virtualBytes: 1, object });
    const named = { ...own, id: "key-000000abcdef", name: long, isDefault: false, disabled: false };
    expect(await thief.refusedCall("put_master_key", named)).to.equal("malformed");
  });

  it("by objects that someone puts into the schema, or hangs on its tables", async () => {
    for (const text of [
      "create table images.mine (id int)",
      "create function images.mine() returns int language sql as 'select 1'",
      "create view images.mine as select 1",
      "create operator images.= (leftarg = int, rightarg = text, function = texteq)",
      "create trigger mine after insert on images.images execute function suppress_redundant_updates_trigger()",
      "create policy mine on images.images using (true)",
      "alter table images.images disable row level security",
      "drop function images.refuse(text, text)",
      "create or replace function images.is_mine(int) returns boolean language sql as 'select true'",
      "grant select on images.contents to public",
      "drop schema images cascade",
      "create rule mine as on insert to images.images do nothing",
    ]) {
      const { code } = await thief.refused(text);
      expect(["42501", "42601", "42883"], text).to.include(code);
    }
  });

  it("by functions of its own that see rows as they are judged", () =>
    withTemporaryObjects(async () => {
      await thief.query(`create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0000001 as $$
      begin raise notice '%', $1; return $1 <> 'img-secret'; end $$`);
      const notices: string[] = [];
      thief.onNotice((text) => notices.push(text));
      await thief.query("select id from images.images where pg_temp.tell(id)");
      await thief.query("select record_id from images.wrapped_keys where pg_temp.tell(record_id)");
      expect(notices).to.deep.equal([]);
    }));

  it("by expressions that fail on rows which aren't its own", async () => {
    const none = [
      "select 1 / (case when id = 'img-secret' then 0 else 1 end) from images.images",
      "select (attributes ->> 'name')::int from images.images",
      "select id::int from images.disk_references join images.contents on false",
    ];
    expect(await thief.query(none[0]!)).to.deep.equal([]);
    expect(await thief.query(none[1]!)).to.deep.equal([]);
    await denied(none[2]!);
    // What the planner knows of values, were they in rows of its own.
    await team.rows("analyze");
    for (const view of ["pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"]) {
      expect(await thief.query(`select * from ${view} where schemaname = 'images'`), view).to.deep.equal([]);
    }
    await denied("select * from pg_statistic");
  });

  it("by files, programs, other sessions, and objects of its own anywhere", async () => {
    const [victim] = await (await team.as("acme")).query<{ pid: number }>("select pg_backend_pid() as pid");
    for (const text of [
      "copy images.contents to stdout",
      "copy images.images from stdin",
      "copy images.images to '/tmp/images'",
      "copy (select 1) to program 'id'",
      "select lo_import('/etc/passwd')",
      "select pg_read_file('PG_VERSION')",
      "create temporary table mine (of images.images)",
      "create temporary view mine as select * from images.images",
      "create table public.mine (of images.images)",
      "create schema mine",
      "create publication mine for table images.images",
      "create role mine",
      "alter system set row_security = off",
      `grant "${team.roleOf("acme")}" to current_user`,
      `select pg_terminate_backend(${victim!.pid})`,
      "comment on table images.images is 'mine'",
      "security label on table images.images is 'mine'",
    ]) {
      const { code } = await thief.refused(text);
      // Without privileges, or without what it would take: a label provider.
      expect(["42501", "22023"], text).to.include(code);
    }
  });
});

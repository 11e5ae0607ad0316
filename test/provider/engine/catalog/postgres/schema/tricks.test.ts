import { expect } from "chai";
import { describeWithPostgres } from "../../../../../support/postgres-server";
import { newImage, newInstance, newShare, newVolume } from "../../records";
import { Team, type Someone } from "./team";

describeWithPostgres("PostgreSQL isn't tricked", () => {
  after(() => Team.disband());

  let team: Team;
  let thief: Someone;

  before(async function () {
    this.timeout(60_000);
    team = await Team.found();
    const acme = await team.as("acme");
    await acme.call("insert_record", "image", newImage("img-secret", { account: "acme" }), null);
    thief = await team.another("third");
  });

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

  it("by functions that aren't meant to be called, all but a few", async () => {
    const callable = await team.rows<{ name: string }>(
      `select proname as name from pg_proc where pronamespace = 'images'::regnamespace
        and has_function_privilege($1, oid, 'execute') order by 1`,
      [team.roleOf("third")],
    );
    const names = callable.map(({ name }) => name);
    expect(names).to.include("insert_record");
    const inner =
      /^(apply|import|check|find|give_|lock_places|make|drop|own_(?!creator)|put_(?!master)|note|tag|take_|name_)|^remove_record$/;
    expect(names.filter((name) => inner.test(name))).to.deep.equal([]);
    await denied("select images.import_record('image', '{}')");
    await denied("select images.import_records('[]')");
    await denied("select images.put_account_key('{}')");
    await denied("select images.note('insert', 'image', 'x', 'x', 1, null)");
    await denied("select images.remove_record('image', 'img-secret', 'delete')");
    const others = await team.rows(
      `select proname from pg_proc where pronamespace = 'images'::regnamespace
        and has_function_privilege('public', oid, 'execute')`,
    );
    expect(others).to.deep.equal([]);
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

  it("by tables and functions of its own in front of the schema's", async () => {
    await thief.query("create temporary table accounts as select 1 as id, 'local' as region, 'acme' as name");
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
    expect(await thief.refusedCall("update_record", "image", "img-secret", { name: "x" })).to.equal("absent");
    const share = newShare("s-x", "img-secret", "partner", { account: "third" });
    expect(await thief.refusedCall("insert_record", "share", share, null)).to.equal("source-absent");
    await thief.query("reset search_path");
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

  it("by functions of its own that see rows as they are judged", async () => {
    await thief.query(`create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0000001 as $$
      begin raise notice '%', $1; return $1 <> 'img-secret'; end $$`);
    const notices: string[] = [];
    thief.onNotice((text) => notices.push(text));
    await thief.query("select id from images.images where pg_temp.tell(id)");
    await thief.query("select record_id from images.wrapped_keys where pg_temp.tell(record_id)");
    expect(notices).to.deep.equal([]);
  });

  it("by transactions that stay open: what is another's is held up by nobody", async () => {
    const acme = await team.as("acme");
    const creator = await acme.call<string>("own_creator", "host", 1, "1");
    await thief.query("begin");
    await thief.call("delete_record", "image", "img-secret");
    await thief.call("discard_contents", ["disk-of-img-secret"]);
    await thief.call("remove_content", "disk-of-img-secret");
    await thief.call("forget_contents", ["disk-of-img-secret"]);
    await thief.call("sweep", [creator]);
    await thief.call("leave", creator);
    await thief.call("lock_master_keys");
    await acme.query("set lock_timeout = '2s'");
    await acme.call("beat", creator);
    await acme.call("lock_master_keys");
    await acme.call("update_record", "image", "img-secret", { name: "changed" });
    const copying = newVolume("v-copying", { account: "acme", scratch: ["disk-of-img-secret"] });
    await acme.call("insert_record", "volume", { ...copying, status: "creating" }, creator);
    await acme.call("delete_record", "volume", "v-copying");
    await thief.query("rollback");
    expect(await acme.call("content", "disk-of-img-secret")).to.include({ state: "named" });
  });

  it("by a member's transactions that stay open: the owner cancels the share, deletes and copies all the same", async () => {
    const acme = await team.as("acme");
    const own = { account: "acme" };
    await acme.call("insert_record", "image", newImage("img-lent", own), null);
    await acme.call("insert_record", "share", newShare("s-lent", "img-lent", "partner", own), null);
    const [naming, letting] = [await team.another("partner"), await team.another("partner")];
    const source = { type: "image" as const, id: "img-lent" };
    const given = { account: "partner", source, scratch: ["disk-of-img-lent"] };
    await letting.call("insert_record", "instance", newInstance("i-letting", given), null);
    for (const member of [naming, letting]) await member.query("begin");
    await letting.query("set constraints all immediate");
    await letting.call("delete_record", "instance", "i-letting");
    await naming.call("insert_record", "instance", newInstance("i-naming", given), null);
    await acme.query("set lock_timeout = '2s'");
    const creator = await acme.call<string>("own_creator", "host", 1, "1");
    const copying = newVolume("v-held", { ...own, scratch: ["disk-of-img-lent"], status: "creating" });
    await acme.call("insert_record", "volume", copying, creator);
    await acme.call("delete_record", "volume", "v-held");
    await acme.call("delete_record", "share", "s-lent");
    await acme.call("delete_record", "image", "img-lent");
    expect(await acme.call("discard_contents", ["disk-of-img-lent"])).to.deep.equal([]);
    await acme.call("forget_contents", ["disk-of-img-lent"]);
    // What the member was given before stays, until it lets go of it too.
    await naming.query("commit");
    expect(await partnersView(naming)).to.include({ state: "named" });
    await letting.query("commit");
    await naming.call("delete_record", "instance", "i-naming");
    const left = await acme.query("select id from images.discarded() as id");
    expect(left).to.deep.include({ id: "disk-of-img-lent" });
    await acme.call("remove_content", "disk-of-img-lent");
    await acme.call("forget_contents", ["disk-of-img-lent"]);
    expect(await team.rows("select id from images.contents where id = 'disk-of-img-lent'")).to.deep.equal([]);
    expect(await team.rows("select * from images.released_contents")).to.deep.equal([]);
  });

  const partnersView = (someone: Someone) => someone.call("content", "disk-of-img-lent");

  it("by one who shares and stays in the transaction: others cancel their shares with that account all the same", async () => {
    const acme = await team.as("acme");
    const share = newShare("s-old", "img-secret", "partner", { account: "acme" });
    await acme.call("insert_record", "share", share, null);
    await thief.call("insert_record", "image", newImage("img-thief", { account: "third" }), null);
    await thief.query("begin");
    const mine = newShare("s-thief", "img-thief", "partner", { account: "third" });
    await thief.call("insert_record", "share", mine, null);
    await acme.query("set lock_timeout = '2s'");
    await acme.call("delete_record", "share", "s-old");
    const partner = await team.as("partner");
    await partner.query("set lock_timeout = '2s'");
    await partner.call("insert_record", "image", newImage("img-partner", { account: "partner" }), null);
    await partner.call("lock_master_keys");
    await thief.query("rollback");
  });
});

import { expect } from "chai";
import { newExport, newImage, newInstance, newShare, newVolume } from "../../records";
import { describeSchema, type Someone, Team } from "./team";

describeSchema("PostgreSQL lets nobody hold up another account by a transaction that stays open", () => {
  let team: Team;
  let acme: Someone;
  let thief: Someone;

  before(async () => {
    team = await Team.found();
    // Whoever is held up is told soon.
    acme = await team.as("acme");
    await acme.query("set lock_timeout = '2s'");
    await acme.call("insert_record", "image", newImage("img-secret", { account: "acme" }), null);
    thief = await team.another("third");
    await thief.call("insert_record", "image", newImage("img-thief", { account: "third" }), null);
  });

  afterEach(() => thief.query("rollback"));

  it("by calls that name what is another's", async () => {
    const creator = await acme.call<string>("own_creator", "host", 1, "1");
    await thief.query("begin");
    await thief.call("delete_record", "image", "img-secret");
    await thief.call("discard_contents", ["disk-of-img-secret"]);
    await thief.call("remove_content", "disk-of-img-secret");
    await thief.call("forget_contents", ["disk-of-img-secret"]);
    await thief.call("sweep", [creator]);
    await thief.call("leave", creator);
    await thief.call("lock_master_keys");
    await acme.call("beat", creator);
    await acme.call("lock_master_keys");
    await acme.call("update_record", "image", "img-secret", { name: "changed" });
    const copying = newVolume("v-copying", { account: "acme", scratch: ["disk-of-img-secret"] });
    await acme.call("insert_record", "volume", { ...copying, status: "creating" }, creator);
    await acme.call("delete_record", "volume", "v-copying");
    expect(await acme.call("content", "disk-of-img-secret")).to.include({ state: "named" });
  });

  it("by a member that makes something of a shared image, or lets it go: its owner cancels, deletes and copies", async () => {
    const own = { account: "acme" };
    await acme.call("insert_record", "image", newImage("img-lent", own), null);
    await acme.call("insert_record", "share", newShare("s-lent", "img-lent", "partner", own), null);
    const [naming, letting] = [await team.another("partner"), await team.another("partner")];
    const source = { type: "image" as const, id: "img-lent" };
    const given = { account: "partner", source, scratch: ["disk-of-img-lent"] };
    await letting.call("insert_record", "instance", newInstance("i-letting", given), null);
    for (const member of [naming, letting]) await member.query("begin");
    // What is put off to the commit is done at once, and its locks are held.
    await letting.query("set constraints all immediate");
    await letting.call("delete_record", "instance", "i-letting");
    await naming.call("insert_record", "instance", newInstance("i-naming", given), null);
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
    expect(await naming.call("content", "disk-of-img-lent")).to.include({ state: "named" });
    await letting.query("commit");
    await naming.call("delete_record", "instance", "i-naming");
    const left = await acme.query("select id from images.discarded() as id");
    expect(left).to.deep.include({ id: "disk-of-img-lent" });
    await acme.call("remove_content", "disk-of-img-lent");
    await acme.call("forget_contents", ["disk-of-img-lent"]);
    expect(await team.rows("select id from images.contents where id = 'disk-of-img-lent'")).to.deep.equal([]);
    expect(await team.rows("select * from images.released_contents")).to.deep.equal([]);
  });

  it("by one who shares with the same account: others cancel their shares, and the member works on", async () => {
    const share = newShare("s-old", "img-secret", "partner", { account: "acme" });
    await acme.call("insert_record", "share", share, null);
    await thief.query("begin");
    const mine = newShare("s-thief", "img-thief", "partner", { account: "third" });
    await thief.call("insert_record", "share", mine, null);
    await acme.call("delete_record", "share", "s-old");
    // But for sharing with it, which is one after another.
    const again = await acme.refused("select images.insert_record('share', $1, null)", [share]);
    expect(again.code).to.equal("55P03");
    const partner = await team.as("partner");
    await partner.query("set lock_timeout = '2s'");
    await partner.call("insert_record", "image", newImage("img-partner", { account: "partner" }), null);
    await partner.call("lock_master_keys");
  });

  it("by an export of its own, but to those very names", async () => {
    const elsewhere = { bucketUrl: "s3://exports/of-all" };
    await thief.query("begin");
    const taken = newExport("exp-thief", "img-thief", { account: "third", name: "thief", ...elsewhere });
    await thief.call("insert_record", "export", taken, null);
    // Any login can have any of these.
    await thief.query("select pg_advisory_xact_lock(hashtextextended('s3://exports/of-all', 0))");
    const own = { account: "acme", ...elsewhere };
    await acme.call(
      "insert_record",
      "export",
      newExport("exp-own", "img-secret", { ...own, name: "own" }),
      null,
    );
    const same = newExport("exp-same", "img-secret", { ...own, name: "thief" });
    expect((await acme.refused("select images.insert_record('export', $1, null)", [same])).code).to.equal(
      "55P03",
    );
    await thief.query("commit");
    expect(await acme.refusedCall("insert_record", "export", same, null)).to.equal("objects-of-another");
  });

  it("by its own quota: what an account has to wait for is its own", async () => {
    const another = await team.another("third");
    await another.query("set lock_timeout = '200ms'");
    await thief.query("begin");
    await thief.call("insert_record", "image", newImage("img-open", { account: "third" }), null);
    const waiting = newImage("img-waiting", { account: "third" });
    expect(
      (await another.refused("select images.insert_record('image', $1, null)", [waiting])).code,
    ).to.equal("55P03");
    await acme.call("insert_record", "image", newImage("img-free", { account: "acme" }), null);
  });

  it("by locks on tables, rows and names that a login may take", async () => {
    await thief.query("begin");
    await thief.query("lock table images.images, images.shares, images.audit in access share mode");
    await thief.query("select * from images.images");
    await thief.query("declare held cursor for select * from images.images");
    await thief.query("listen images");
    await thief.query("notify images, 'x'");
    const { rows } = {
      rows: await team.rows(
        "select proname from pg_proc where prosrc ~ 'advisory|pg_notify' and pronamespace = 'images'::regnamespace",
      ),
    };
    expect(rows).to.deep.equal([]);
    const operator = await team.operator();
    await operator.query("set lock_timeout = '2s'");
    await operator.query("select pg_advisory_lock(1)");
    await acme.call("insert_record", "image", newImage("img-busy", { account: "acme" }), null);
    await acme.call("delete_record", "image", "img-busy");
  });
});

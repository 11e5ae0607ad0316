import { expect } from "chai";
import { newExport, newImage, newInstance, newShare, newVolume } from "../../records";
import { describeSchema, type Someone, Team } from "./team";

interface Settings {
  regions: { name: string; accounts: { name: string }[]; others: string }[];
  sealingKeys: object[];
}

const asText = (arg: unknown): unknown => (typeof arg === "string" ? arg : JSON.stringify(arg));

/** All that there is to learn; docs/team-region.md tells operators the same. */
describeSchema("PostgreSQL tells a login of accounts that aren't its own", () => {
  let team: Team;
  let acme: Someone;
  let third: Someone;

  before(async () => {
    team = await Team.found();
    [acme, third] = await team.all("acme", "third");
    const own = { account: "acme" };
    await acme.call("insert_record", "image", newImage("img-1", own), null);
    await acme.call("insert_record", "share", newShare("s-1", "img-1", "partner", own), null);
    const exported = newExport("exp-1", "img-1", { ...own, bucketUrl: "s3://exports", name: "golden" });
    await acme.call("insert_record", "export", exported, null);
    await third.call("insert_record", "image", newImage("img-third", { account: "third" }), null);
  });

  it("their names, and as much of their quotas as sharing takes", async () => {
    const { regions, sealingKeys } = await third.call<Settings>("settings");
    const [local] = regions.filter(({ name }) => name === "local");
    expect(local!.accounts.map(({ name }) => name)).to.deep.equal(["third"]);
    expect(local!.others).to.equal("acme 100\npartner 100");
    expect(sealingKeys).to.deep.equal([]);
  });

  it("how many shares they have taken, in its own regions", async () => {
    expect(await third.call("accepted_shares", "local", "partner")).to.equal(1);
    expect(await third.call("accepted_shares", "local", "nobody")).to.equal(0);
    await team.rows("update images.accounts set role = 'nobody' where name = 'third' and region = 'far'");
    expect(await third.call("accepted_shares", "far", "partner")).to.equal(null);
  });

  it("whose export has a name in a bucket, as trying to export does: nobody claims one unnamed", async () => {
    const text = "select * from images.other_exporter($1, $2, $3)";
    const exporters = (name: string, url = "s3://exports", format = "qcow2") =>
      third.query(text, [url, name, format]);
    const byAcme = [{ region: "local", account: "acme" }];
    expect(await exporters("golden")).to.deep.equal(byAcme);
    expect(await exporters("gold")).to.deep.equal([]);
    expect(await exporters("%")).to.deep.equal([]);
    expect(await exporters("golden", "s3://elsewhere")).to.deep.equal([]);
    expect(await exporters("golden", "s3://exports", "raw")).to.deep.equal([]);
    expect(await acme.query(text, ["s3://exports", "golden", "qcow2"])).to.deep.equal([]);
    const given = { account: "third", bucketUrl: "s3://exports", name: "golden" };
    const tried = newExport("exp-3", "img-third", given);
    expect(await third.refused("select images.insert_record('export', $1, null)", [tried])).to.include({
      rule: "objects-of-another",
      message: "account acme in region local exports golden there as qcow2",
    });
    const replaced = { account: "acme", bucketUrl: "s3://exports", name: "golden" };
    await acme.call("insert_record", "export", newExport("exp-2", "img-1", replaced), null);
    await acme.call("delete_record", "export", "exp-1");
    expect(await exporters("golden")).to.deep.equal(byAcme);
    await acme.call("delete_record", "export", "exp-2");
    expect(await exporters("golden")).to.deep.equal([]);
    await third.call("insert_record", "export", tried, null);
  });

  it("whether an ID is taken, and nothing of what has it", async () => {
    const same = newImage("img-1", { account: "third" });
    const { message, rule } = await third.refused("select images.insert_record('image', $1, null)", [
      { ...same, deviceMappings: [{ ...same.deviceMappings[0]!, id: "disk-of-another" }] },
    ]);
    expect({ message, rule }).to.deep.equal({ message: "there is another image img-1", rule: "id-taken" });
    const content = newVolume("v-3", {
      account: "third",
      disk: { id: "disk-of-img-1", device: "/dev/vdb", size: 1 },
    });
    expect(await third.refusedCall("insert_record", "volume", content, null)).to.equal("content-not-yours");
    for (const [kind, call] of [
      ["image", "update_record"],
      ["share", "update_record"],
      ["export", "update_record"],
    ] as const) {
      const id = { image: "img-1", share: "s-1", export: "exp-1" }[kind];
      expect(await third.refusedCall(call, kind, id, {})).to.equal("absent");
    }
  });

  /** Each with the ID of what is another's, and with one that nothing has: the answers must be the same. */
  const asked: Record<string, (id: string, own: string) => [name: string, ...args: unknown[]]> = {
    "a change": (id) => ["update_record", "image", id, { name: "mine" }],
    "a deletion": (id) => ["delete_record", "image", id],
    "a share": (id) => [
      "insert_record",
      "share",
      newShare("s-asked", id, "partner", { account: "third" }),
      null,
    ],
    "an instance": (id) => [
      "insert_record",
      "instance",
      newInstance("i-asked", { account: "third", source: { type: "image", id } }),
      null,
    ],
    "a conversion": (id) => [
      "insert_record",
      "image",
      newImage("img-asked", { account: "third", source: { type: "image", id, conversion: true } }),
      null,
    ],
    "a replica": (id) => [
      "insert_record",
      "image",
      newImage("img-asked", { account: "third", source: { type: "image", id } }),
      null,
    ],
    "an export": (id) => [
      "insert_record",
      "export",
      newExport("exp-asked", id, { account: "third", bucketUrl: "s3://asked" }),
      null,
    ],
    "a rebuild": (id, own) => [
      "update_record",
      "instance",
      own,
      { source: { type: "image", id }, imageId: id },
    ],
    "a content": (id) => ["content", `disk-of-${id}`],
    "a beginning of a content": (id) => ["begin_content", `disk-of-${id}`, {}],
    "an end of a content": (id) => ["finish_content", `disk-of-${id}`, {}],
    "a checksum of a content": (id) => ["keep_checksum", `disk-of-${id}`, "sha256:00"],
    "a copy of a content": (id, own) => ["share_content", `disk-of-${id}`, `system-of-${own}`],
    "a content made of another": (id) => ["share_made_of", `disk-of-${id}`, "0".repeat(64), 1],
    "a removal of a content": (id) => ["remove_content", `disk-of-${id}`],
    "a forgetting of contents": (id) => ["forget_contents", [`disk-of-${id}`]],
    "a disk beneath one's own": (id) => [
      "insert_record",
      "volume",
      newVolume("v-asked", { account: "third", scratch: [`disk-of-${id}`] }),
      null,
    ],
    "a content of a copy": (id) => [
      "insert_record",
      "volume",
      newVolume("v-asked", { account: "third" }),
      null,
      [{ id: "disk-of-v-asked", from: `disk-of-${id}` }],
    ],
  };
  for (const [what, call] of Object.entries(asked)) {
    it(`nothing of a record that isn't its own, by ${what}`, async () => {
      const own = `i-${what.replace(/\W/g, "-")}`;
      await third.call("insert_record", "instance", newInstance(own, { account: "third" }), null);
      const answer = async (id: string) => {
        const [name, ...args] = call(id, own);
        const places = args.map((_, index) => `$${index + 1}`).join(", ");
        await third.query("begin");
        // A list of JSON isn't one of PostgreSQL's.
        const given = args.map((arg) => (name === "insert_record" && arg ? asText(arg) : arg));
        const said = await third
          .query(`select images.${name}(${places}) as answer`, given)
          .catch(({ code, constraint, message }) => ({ code, constraint, message }));
        await third.query("rollback");
        return JSON.stringify(said).replaceAll(id, "ID");
      };
      expect(await answer("img-1")).to.equal(await answer("img-nothing"));
    });
  }

  it("how much is made in the region as a whole, by the numbers that records and the audit have", async () => {
    const make = (id: string) =>
      third.call<{ sequence: number }>("insert_record", "image", newImage(id, { account: "third" }), null);
    const before = await make("img-before");
    await acme.call("insert_record", "volume", newVolume("v-1", { account: "acme" }), null);
    const after = await make("img-after");
    expect(after.sequence).to.equal(before.sequence + 2);
  });

  it("what PostgreSQL tells every login: roles, who is which account, and about how many rows there are", async () => {
    const members = await third.query(
      "select from pg_auth_members join pg_roles as account on account.oid = roleid where rolname = $1",
      [team.roleOf("acme")],
    );
    expect(members.length).to.be.greaterThan(0);
    await team.rows("analyze images.images");
    const [{ reltuples }] = (await third.query<{ reltuples: number }>(
      "select reltuples from pg_class where oid = 'images.images'::regclass",
    )) as [{ reltuples: number }];
    expect(reltuples).to.be.greaterThan(1);
    const others = await third.query<{ query: string | null }>(
      "select query from pg_stat_activity where usename <> session_user and datname = current_database()",
    );
    expect(others.every(({ query }) => query === "<insufficient privilege>")).to.equal(true);
  });
});

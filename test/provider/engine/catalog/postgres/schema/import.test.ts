import { expect } from "chai";
import { newImage } from "../../records";
import { describeSchema, Team } from "./team";

describeSchema("Records of another region, taken in by the operator,", () => {
  const images = (count: number, account: string) =>
    Array.from({ length: count }, (_, index) => {
      const record = newImage(`img-${account}-${index}`, { account, status: "active" });
      return { kind: "image", record: { ...record, createdAt: "2025-01-01T00:00:00.000Z", sequence: index } };
    });
  const places = (team: Team) =>
    team.rows<{ name: string; private_images: number; snapshots: number }>(
      `select name, private_images, snapshots from images.places join images.accounts on id = account_id
      where region = 'local' and name not like '@%' order by name`,
    );

  it("are counted once for all of them, whatever their number", async () => {
    const team = await Team.found({}, ["acme", "partner"]);
    const operator = await team.operator();
    await (
      await team.as("acme")
    ).call("insert_record", "image", newImage("img-first", { account: "acme" }), null);
    await operator.query("begin");
    await operator.call("import_records", JSON.stringify([...images(3, "acme"), ...images(2, "partner")]));
    const changes = await operator.query<{ rows: number }>(
      "select n_tup_upd::int as rows from pg_stat_xact_user_tables where schemaname = 'images' and relname = 'places'",
    );
    await operator.query("commit");
    expect(changes).to.deep.equal([{ rows: 2 }]);
    const counted = await places(team);
    expect(counted.map(({ name, private_images }) => [name, private_images])).to.deep.equal([
      ["acme", 4],
      ["partner", 2],
    ]);
  });

  it("are refused where they would exceed a quota, or have no account, or aren't finished", async () => {
    const team = await Team.found({ privateImages: 2 }, ["acme"]);
    const operator = await team.operator();
    const take = (records: unknown) => operator.refusedCall("import_records", JSON.stringify(records));
    expect(await take(images(3, "acme"))).to.equal("private-images-full");
    expect(await take(images(1, "nobody"))).to.equal("absent");
    const unfinished = images(1, "acme").map(({ kind, record }) => ({
      kind,
      record: { ...record, status: "creating" },
    }));
    expect(await take(unfinished)).to.equal("source-not-active");
    expect(await team.rows("select from images.images")).to.deep.equal([]);
    expect((await places(team))[0]).to.include({ private_images: 0, snapshots: 0 });
  });
});

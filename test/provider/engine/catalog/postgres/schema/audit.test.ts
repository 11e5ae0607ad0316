import { expect } from "chai";
import { newImage, newShare } from "../../records";
import { describeSchema, newKey, type Someone, Team } from "./team";

const ACME = { account: "acme" };

interface Noted {
  login: string;
  account: string;
  action: string;
  kind: string;
  id: string;
  name: string;
  declared_by: string | null;
  changed: string[] | null;
}

describeSchema("PostgreSQL writes down every change for good", () => {
  let team: Team;
  let acme: Someone;
  let login: string;

  before(async () => {
    team = await Team.found();
    acme = await team.as("acme");
    login = (await acme.query<{ login: string }>("select session_user::text as login"))[0]!.login;
  });

  const notedOf = (someone: Someone, id: string) =>
    someone.query<Noted>(
      `select login, account, action, kind, id, name, declared_by, changed
      from images.audit where id = $1 order by sequence`,
      [id],
    );

  it("who made, changed and deleted what, when, and from which program and stack", async () => {
    const declaredBy = "urn:pulumi:dev::shop::images:index:PrivateImage::golden";
    const origin = { declaredBy, creationToken: "t-1", seen: false };
    await acme.call("insert_record", "image", newImage("img-1", { ...ACME, name: "golden", origin }), null);
    await acme.call("update_record", "image", "img-1", { description: "new", minRam: 512 });
    await acme.call("insert_record", "share", newShare("s-1", "img-1", "partner", ACME), null);
    await acme.call("delete_record", "share", "s-1");
    await acme.call("delete_record", "image", "img-1");
    const image = {
      login,
      account: "acme",
      kind: "image",
      id: "img-1",
      name: "golden",
      declared_by: declaredBy,
    };
    expect(await notedOf(acme, "img-1")).to.deep.equal([
      { ...image, action: "insert", changed: null },
      { ...image, action: "update", changed: ["description", "minRam"] },
      { ...image, action: "delete", changed: null },
    ]);
    expect((await notedOf(acme, "s-1")).map(({ action, name }) => [action, name])).to.deep.equal([
      ["insert", "img-1 with partner"],
      ["delete", "img-1 with partner"],
    ]);
    const [dated] = await acme.query("select at from images.audit where id = 'img-1'");
    expect(Math.abs(dated!.at.getTime() - Date.now())).to.be.lessThan(3_600_000);
  });

  it("changes of master keys", async () => {
    const key = await newKey(acme, "acme");
    expect((await notedOf(acme, key)).map(({ action, kind }) => [action, kind])).to.deep.equal([
      ["insert", "key"],
    ]);
  });

  it("what the operator applies, where that changes something", async () => {
    const operator = await team.operator();
    const applied = () =>
      operator.query<Noted>("select * from images.audit where action in ('apply', 'drop') order by sequence");
    const before = await applied();
    expect(before.map(({ kind, id }) => [kind, id])).to.deep.include.members([
      ["account", "acme"],
      ["offered", "img-pub-ubuntu-16-04"],
    ]);
    const settings = await operator.call<{ regions: { accounts: { quotas: object }[] }[] }>("settings");
    await operator.call("apply_settings", settings);
    expect(await applied()).to.deep.equal(before);
    Object.assign(settings.regions[0]!.accounts[0]!.quotas, { privateImages: 7 });
    await operator.call("apply_settings", settings);
    const [changed, ...others] = (await applied()).slice(before.length);
    expect(changed).to.deep.include({ kind: "account", id: "acme", changed: ["quota_private_images"] });
    expect(others).to.deep.equal([]);
  });

  it("nothing of what was taken back", async () => {
    await acme.query("begin");
    await acme.call("insert_record", "image", newImage("img-undone", ACME), null);
    await acme.query("rollback");
    expect(await notedOf(acme, "img-undone")).to.deep.equal([]);
  });

  it("no secret: fields by their names only", async () => {
    const text = JSON.stringify(await team.rows("select * from images.audit"));
    expect(text).not.to.contain("v1.key");
  });

  it("shown to each account as its own, and to the operator as everyone's", async () => {
    await acme.call("insert_record", "image", newImage("img-mine", ACME), null);
    const partner = await team.as("partner");
    expect(await notedOf(partner, "img-mine")).to.deep.equal([]);
    expect(await notedOf(await team.operator(), "img-mine")).to.have.length(1);
  });

  it("which nobody changes: no account, not the operator, not the superuser", async () => {
    const operator = await team.operator();
    for (const change of [
      "update images.audit set login = 'nobody'",
      "delete from images.audit",
      "truncate images.audit",
      "insert into images.audit (login, action, kind, id) values ('x', 'x', 'x', 'x')",
    ]) {
      expect((await acme.refused(change)).code, change).to.equal("42501");
    }
    for (const change of [
      "update images.audit set login = 'nobody'",
      "delete from images.audit",
      "delete from images.audit where false",
      "truncate images.audit",
      "truncate images.accounts cascade; truncate images.audit",
      "set session_replication_role = replica; delete from images.audit",
    ]) {
      const asSuperuser = await team.rows(change).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      expect(asSuperuser, change).to.equal("IM070");
    }
    const { code, rule } = await operator.refused("delete from images.audit");
    expect([code, rule]).to.deep.equal(["IM070", "append-only"]);
  });
});

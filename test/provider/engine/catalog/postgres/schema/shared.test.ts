import { expect } from "chai";
import type { ImageRecord, ShareRecord } from "../../../../../../provider/engine/model";
import { PostgresCatalog } from "../../../../../../provider/engine/catalog/postgres-catalog";
import { PostgresDatabase } from "../../../../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../../../../provider/engine/catalog/postgres/settings";
import { newImage, newInstance, newShare } from "../../records";
import { describeSchema, type Someone, Team } from "./team";

/** What only the owner of an image has to know of it: each is somewhere in what it records. */
const OWNERS = [
  "urn:owners-program",
  "token-of-the-image",
  "token-of-the-share",
  "i-owners-instance",
  "owners-parent-name",
  "img-owners-parent",
  "owners-new-field",
  "owners-word",
];

describeSchema("PostgreSQL shows of a shared image what a member needs", () => {
  let team: Team;
  let acme: Someone;
  let partner: Someone;

  before(async () => {
    team = await Team.found();
    [acme, partner] = await team.all("acme", "partner");
    const own = { account: "acme" };
    const origin = (creationToken: string) => ({
      declaredBy: "urn:owners-program",
      creationToken,
      seen: false,
    });
    await acme.call("insert_record", "instance", newInstance("i-owners-instance", own), null);
    const image = newImage("img-shared", {
      ...own,
      origin: origin("token-of-the-image"),
      tags: { team: "a" },
      source: { type: "instance", id: "i-owners-instance" },
      lineage: [
        { type: "instance", id: "i-owners-instance", name: "owners-parent-name" },
        { type: "image", id: "img-owners-parent", name: "owners-parent-name" },
        { type: "image", id: "img-pub-centos-7-4", name: "owners-word" },
      ],
    });
    const told = { ...image, note: "owners-new-field" };
    await acme.call("insert_record", "image", told, null);
    const share = newShare("s-1", "img-shared", "partner", { ...own, origin: origin("token-of-the-share") });
    await acme.call("insert_record", "share", share, null);
  });

  /** All that a login can read of any table, view or function of the schema without an argument. */
  const everything = async (someone: Someone): Promise<string> => {
    const role = team.roleOf("partner");
    const relations = await team.rows<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'images'::regnamespace
        and relkind in ('r', 'v') and has_table_privilege($1, oid, 'select')`,
      [role],
    );
    const functions = await team.rows<{ name: string }>(
      `select proname || '()' as name from pg_proc where pronamespace = 'images'::regnamespace
        and pronargs = 0 and provolatile <> 'v' and has_function_privilege($1, oid, 'execute')`,
      [role],
    );
    const names = [...relations, ...functions].map(({ name }) => name);
    expect(names).to.include.members(["images", "shared_images()", "contents()", "settings()"]);
    const rows: object[][] = [];
    for (const name of names) rows.push(await someone.query(`select * from images.${name}`));
    return JSON.stringify(rows);
  };

  it("and nothing of what its owner made it by and of", async () => {
    const member = await everything(partner);
    expect(member).to.contain("img-shared");
    for (const secret of OWNERS) expect(member, secret).not.to.contain(secret);
    const owner = await everything(acme);
    for (const secret of OWNERS) expect(owner, secret).to.contain(secret);
  });

  it("as the engine reads it: what it is, its disks, and the offered image that it began as", async () => {
    const login = await team.login("partner");
    const database = new PostgresDatabase(login);
    const catalog = new PostgresCatalog(database, await readSettings(database));
    try {
      const found = await catalog.transaction(async (tx) => ({
        image: await tx.get("image", "img-shared"),
        share: await tx.get("share", "s-1"),
        members: await tx.sharesOfImage("img-shared"),
        accepted: await tx.sharesWith("local", "partner"),
        none: await tx.get("image", "img-owners-parent"),
      }));
      const expected: Partial<ImageRecord> = newImage("img-shared", { account: "acme", tags: { team: "a" } });
      delete expected.source;
      expect(found.image).to.deep.include({
        ...expected,
        lineage: [{ type: "image", id: "img-pub-centos-7-4", name: "CentOS 7.4 64-bit" }],
      });
      expect(found.image).not.to.have.any.keys("origin", "source", "scratch");
      const share: Partial<ShareRecord> = {
        id: "s-1",
        region: "local",
        account: "acme",
        imageId: "img-shared",
        memberId: "partner",
      };
      expect(found.share).to.include(share).and.not.to.have.property("origin");
      expect([found.members, found.accepted]).to.deep.equal([[found.share], [found.share]]);
      expect(found.none).to.equal(undefined);
      const { images, shares } = await catalog.snapshot();
      expect(images.filter(({ visibility }) => visibility === "private")).to.deep.equal([found.image]);
      expect(shares).to.deep.equal([found.share]);
      const viewer = { region: "local", account: "partner" };
      const tags = { team: "a" };
      const { name } = found.image!;
      for (const wanted of [{ tags }, { name }, { name, tags }]) {
        expect(await catalog.findImages(viewer, wanted)).to.deep.equal([found.image]);
        expect(await catalog.findImages({ ...viewer, region: "far" }, wanted)).to.deep.equal([]);
      }
      for (const wanted of [{ tags: { team: "b" } }, { name: "other" }, { name: "other", tags }]) {
        expect(await catalog.findImages(viewer, wanted)).to.deep.equal([]);
      }
    } finally {
      await catalog.close();
    }
  });

  it("to a login that is owner and member, once and whole", async () => {
    const both = await team.another("acme", "partner");
    const text = `select id, declared_by is not null as whole from images.images
      union all select id, declared_by is not null from images.shared_images()`;
    expect(await both.query(text)).to.deep.equal([{ id: "img-shared", whole: true }]);
    const operator = await team.operator();
    expect(await operator.query(text)).to.deep.equal([{ id: "img-shared", whole: true }]);
  });

  it("but takes the same creation token from another account: nobody is kept from a creation by another's", async () => {
    const origin = { declaredBy: "urn:p", creationToken: "token-of-the-image", seen: false };
    await partner.call("insert_record", "image", newImage("img-own", { account: "partner", origin }), null);
    await partner.call("mark_seen", ["token-of-the-image"]);
    const rows = await team.rows(
      "select id, seen from images.images where creation_token is not null order by id",
    );
    expect(rows).to.deep.equal([
      { id: "img-own", seen: true },
      { id: "img-shared", seen: false },
    ]);
  });
});

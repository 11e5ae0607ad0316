import { expect } from "chai";
import { newImage, newInstance, newShare, newVolume } from "../../records";
import { describeSchema, newKey, type Someone, Team, wrappedBy } from "./team";

const ACME = { account: "acme" };
let objects = 0;
const newObjectId = () => (++objects).toString(16).padStart(32, "0");
const disk = (id: string, given: object = {}) => ({ id, device: "/dev/vda", size: 20, ...given });

describeSchema("PostgreSQL keeps contents of disks whose they are", () => {
  let team: Team;
  let acme: Someone;
  let partner: Someone;
  let third: Someone;
  let key: string;

  before(async () => {
    team = await Team.found();
    [acme, partner, third] = await team.all("acme", "partner", "third");
    key = await newKey(acme, "acme", { purpose: "sealing", isDefault: true });
  });

  /** An image of acme's whose content stands in the bucket. */
  const stored = async (id: string) => {
    await acme.call("insert_record", "image", newImage(id, ACME), null);
    const content = `disk-of-${id}`;
    const draft = { objectId: newObjectId(), wrappedKey: wrappedBy(key), locked: false };
    await acme.call("begin_content", content, draft);
    const object = { ...draft, storedBytes: 10, digest: "00" };
    await acme.call("finish_content", content, { virtualBytes: 100, object });
    return { content, draft, object };
  };

  it("makes what a record first names its account's, and tells how it stands", async () => {
    await acme.call("insert_record", "volume", newVolume("v-named", ACME), null);
    expect(await acme.call("content", "disk-of-v-named")).to.deep.equal({
      ...{ id: "disk-of-v-named", region: "local", account: "acme", state: "named" },
    });
    const { content, object } = await stored("img-told");
    const told = await acme.call<{ object: object }>("content", content);
    expect(told).to.deep.include({ account: "acme", state: "whole", virtualBytes: 100 });
    expect(told.object).to.include(object);
  });

  it("shows a content to its owner and to members of its image, while they are, and to nobody else", async () => {
    const { content } = await stored("img-lent");
    expect([await partner.call("content", content), await third.call("content", content)]).to.deep.equal([
      null,
      null,
    ]);
    await acme.call("insert_record", "share", newShare("s-lent", "img-lent", "partner", ACME), null);
    expect(await partner.call<{ object: object }>("content", content)).to.have.nested.property(
      "object.wrappedKey",
    );
    expect(await partner.query("select images.contents() ->> 'id' as id")).to.deep.equal([{ id: content }]);
    expect(await partner.call("master_key", key)).to.include({ id: key, purpose: "sealing" });
    expect([await third.call("content", content), await third.call("master_key", key)]).to.deep.equal([
      null,
      null,
    ]);
    await acme.call("delete_record", "share", "s-lent");
    expect(await partner.call("content", content)).to.equal(null);
  });

  it("lets a member hold what it copies from, and its owner remove it only then", async () => {
    const { content, draft } = await stored("img-held");
    await acme.call("insert_record", "share", newShare("s-held", "img-held", "partner", ACME), null);
    const source = { type: "image" as const, id: "img-held" };
    const given = { account: "partner", source, scratch: [content] };
    await partner.call("insert_record", "instance", newInstance("i-held", given), null);
    await acme.call("delete_record", "share", "s-held");
    await acme.call("delete_record", "image", "img-held");
    expect(await acme.call("discard_contents", [content])).to.deep.equal([]);
    expect(await acme.refusedCall("remove_content", content)).to.equal("content-named");
    expect(await partner.call("content", content)).to.include({ account: "acme", state: "whole" });
    await partner.call("update_record", "instance", "i-held", { scratch: null });
    expect(await partner.call("discard_contents", [content])).to.deep.equal([]);
    expect(await acme.query("select id from images.discarded() as id")).to.deep.equal([{ id: content }]);
    const gone = { region: "local", account: "acme", objectId: draft.objectId };
    expect(await acme.call("remove_content", content)).to.include(gone);
    await acme.call("forget_contents", [content]);
    expect(await team.rows("select id from images.objects where id = $1", [draft.objectId])).to.deep.equal(
      [],
    );
  });

  it("lets nobody name a content that it doesn't see, nor anyone's as a disk of its own", async () => {
    const { content } = await stored("img-kept");
    const other = { account: "third" };
    const taken = "content-not-yours";
    const absent = "content-absent";
    const thieves: [kind: string, record: object, rule: string][] = [
      ["volume", newVolume("v-t", { ...other, disk: disk(content) }), taken],
      ["volume", newVolume("v-t", { ...other, disk: disk("d-t", { basedOn: [content] }) }), absent],
      ["volume", newVolume("v-t", { ...other, scratch: [content] }), absent],
      ["instance", newInstance("i-t", { ...other, systemDisk: disk(content) }), taken],
      [
        "instance",
        newInstance("i-t", { ...other, dataDisks: [disk("d-t", { basedOn: [content] })] }),
        absent,
      ],
      ["image", newImage("img-t", { ...other, scratch: [content] }), absent],
    ];
    for (const [kind, record, rule] of thieves) {
      expect(await third.refusedCall("insert_record", kind, record, null)).to.equal(rule);
    }
    await third.call("insert_record", "instance", newInstance("i-later", other), null);
    const changes = { systemDisk: disk(content) };
    expect(await third.refusedCall("update_record", "instance", "i-later", changes)).to.equal(taken);
    await acme.call("insert_record", "share", newShare("s-kept", "img-kept", "third", ACME), null);
    expect(await third.refusedCall("update_record", "instance", "i-later", changes)).to.equal(
      "content-not-yours",
    );
    const own = newVolume("v-own", { ...ACME, disk: disk(content) });
    expect(await acme.refusedCall("insert_record", "volume", own, null)).to.equal("content-not-yours");
  });

  it("begins no content but those that a record is to fill", async () => {
    const gone = { ...ACME, scratch: ["gone"] };
    const based = (id: string) => disk(id, { basedOn: ["gone"] });
    const records: [kind: string, record: object][] = [
      ["image", newImage("img-none", gone)],
      ["instance", newInstance("i-none", gone)],
      ["volume", newVolume("v-none", gone)],
      ["volume", newVolume("v-none", { ...ACME, disk: based("d-none") })],
    ];
    for (const [kind, record] of records) {
      expect(await acme.refusedCall("insert_record", kind, record, null)).to.equal("content-absent");
    }
    await acme.call("insert_record", "instance", newInstance("i-rebuilt", ACME), null);
    const changes = [{ scratch: ["gone"] }, { systemDisk: based("d-none") }, { systemDisk: disk("d-none") }];
    for (const change of changes) {
      expect(await acme.refusedCall("update_record", "instance", "i-rebuilt", change)).to.equal(
        "content-absent",
      );
    }
  });

  describe("copied as their record is made", () => {
    const copying = (id: string, copy: object, given: object = {}) => [
      "insert_record",
      "volume",
      newVolume(id, { ...ACME, ...given }),
      null,
      JSON.stringify([{ id: `disk-of-${id}`, ...copy }]),
    ];
    const refused = async (someone: Someone, copy: object, account = "acme") => {
      const [name, ...args] = copying("v-refused", copy, { account });
      return someone.refusedCall(name as string, ...args);
    };

    it("are whole at once, as what they are copied from, or as zeros", async () => {
      const { content, object } = await stored("img-source");
      const whole = async (id: string, copy: object) => {
        const [name, ...args] = copying(id, copy);
        await acme.call(name as string, ...args);
        return acme.call<{ object: object; virtualBytes: number }>("content", `disk-of-${id}`);
      };
      const same = await whole("v-same", { from: content, objectId: object.objectId });
      expect(same).to.deep.include({ state: "whole", virtualBytes: 100 });
      expect(same.object).to.include(object);
      expect(await whole("v-grown", { from: content, virtualBytes: 200 })).to.include({ virtualBytes: 200 });
      const zeros = await whole("v-zeros", { virtualBytes: 300, checksum: "sha256:00" });
      expect(zeros).to.include({ state: "whole", virtualBytes: 300, sizeBytes: 0, checksum: "sha256:00" });
    });

    it("come from nothing but the account's own contents that are whole", async () => {
      const { content } = await stored("img-wanted");
      await acme.call("insert_record", "share", newShare("s-wanted", "img-wanted", "partner", ACME), null);
      expect(await refused(partner, { from: content }, "partner")).to.equal("not-yours");
      expect(await refused(third, { from: content }, "third")).to.equal("content-absent");
      expect(await refused(acme, { from: "gone" })).to.equal("content-absent");
      await acme.call("insert_record", "volume", newVolume("v-hollow", ACME), null);
      expect(await refused(acme, { from: "disk-of-v-hollow" })).to.equal("content-absent");
      const other = { from: content, objectId: newObjectId() };
      expect(await refused(acme, other)).to.equal("content-changed");
    });

    it("take the place of none that stands", async () => {
      const { content } = await stored("img-standing");
      const [name, kind, , ...rest] = copying("v-thief", { virtualBytes: 1 });
      const thief = newVolume("v-thief", { ...ACME, disk: disk(content) });
      expect(await acme.refusedCall(name as string, kind, thief, ...rest)).to.equal("content-not-yours");
    });

    it("keep the object that they read from, though what they were copied from goes", async () => {
      const { content, draft } = await stored("img-going");
      const other = await team.another("acme");
      const [name, ...args] = copying("v-staying", { from: content });
      await other.query("begin");
      await other.call(name as string, ...args);
      const deleting = acme.call("delete_record", "image", "img-going");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await other.query("commit");
      await deleting;
      expect(await acme.call("remove_content", content)).to.equal(null);
      await acme.call("forget_contents", [content]);
      const kept = await acme.call<{ object: object }>("content", "disk-of-v-staying");
      expect(kept.object).to.include({ objectId: draft.objectId });
    });
  });

  it("lets only its owner begin, finish, share, remove and forget a content", async () => {
    const { content, object } = await stored("img-owned");
    await acme.call("insert_record", "share", newShare("s-owned", "img-owned", "partner", ACME), null);
    await partner.call("insert_record", "volume", newVolume("v-member", { account: "partner" }), null);
    const draft = { objectId: newObjectId(), wrappedKey: wrappedBy(key), locked: false };
    expect(await partner.refusedCall("begin_content", content, draft)).to.equal("not-yours");
    expect(await partner.refusedCall("finish_content", content, { virtualBytes: 1 })).to.equal("not-yours");
    expect(await partner.refusedCall("share_content", content, "disk-of-v-member", 0)).to.equal("not-yours");
    expect(await third.refusedCall("begin_content", content, draft)).to.equal("content-absent");
    expect(await partner.refusedCall("begin_content", "disk-of-v-member", draft)).to.equal("key-unusable");
    await partner.call("remove_content", content);
    await partner.call("forget_contents", [content]);
    expect(await acme.call("content", content))
      .to.have.property("object")
      .that.includes(object);
  });

  it("lets only its owner add a checksum to a content, once", async () => {
    const { content } = await stored("img-hashed");
    await acme.call("insert_record", "share", newShare("s-hashed", "img-hashed", "partner", ACME), null);
    for (const someone of [partner, third]) await someone.call("keep_checksum", content, "sha256:00");
    expect(await acme.call("content", content)).not.to.have.property("checksum");
    await acme.call("keep_checksum", content, "sha256:01");
    await acme.call("keep_checksum", content, "sha256:02");
    expect(await acme.call("content", content)).to.include({ checksum: "sha256:01" });
  });

  it("never changes what is whole, and takes for the same what is", async () => {
    const { content, draft, object } = await stored("img-whole");
    await acme.call("finish_content", content, { virtualBytes: 100, object });
    const again = { ...draft, objectId: newObjectId() };
    expect(await acme.refusedCall("begin_content", content, again)).to.equal("content-whole");
    const others = [
      { virtualBytes: 101, object },
      { virtualBytes: 100, object: { ...object, digest: "11" } },
      { virtualBytes: 100 },
      { virtualBytes: 100, object: { ...object, objectId: newObjectId() } },
    ];
    for (const whole of others) {
      expect(await acme.refusedCall("finish_content", content, whole)).to.equal("content-whole");
    }
  });

  it("goes on with what was begun, and gives no object to two contents", async () => {
    for (const id of ["v-a", "v-b"]) await acme.call("insert_record", "volume", newVolume(id, ACME), null);
    const draft = { objectId: newObjectId(), wrappedKey: wrappedBy(key), locked: true };
    expect(await acme.call("begin_content", "disk-of-v-a", draft)).to.include(draft);
    const other = { ...draft, objectId: newObjectId() };
    expect(await acme.call("begin_content", "disk-of-v-a", other)).to.include(draft);
    expect(await acme.refusedCall("begin_content", "disk-of-v-b", draft)).to.equal("id-taken");
    const unlike = { ...draft, objectId: "../other" };
    expect(await acme.refusedCall("begin_content", "disk-of-v-b", unlike)).to.equal("malformed");
  });

  it("keeps an object until the last content that reads from it goes", async () => {
    const { content, draft } = await stored("img-first");
    await acme.call("insert_record", "volume", newVolume("v-second", ACME), null);
    const grown = await acme.call("share_content", content, "disk-of-v-second", 200);
    expect(grown).to.deep.include({ virtualBytes: 200 });
    await acme.call("delete_record", "image", "img-first");
    expect(await acme.call("remove_content", content)).to.equal(null);
    await acme.call("forget_contents", [content]);
    await acme.call("delete_record", "volume", "v-second");
    expect(await acme.call("remove_content", "disk-of-v-second")).to.include({ objectId: draft.objectId });
    expect(await acme.call("remove_content", "disk-of-v-second")).to.include({ objectId: draft.objectId });
    await acme.call("forget_contents", ["disk-of-v-second"]);
    expect(await acme.call("remove_content", "disk-of-v-second")).to.equal(null);
  });

  it("discards what no record names any more, though its last holder forgot to, and takes it back for none", async () => {
    const { content } = await stored("img-forgotten");
    await acme.call("delete_record", "image", "img-forgotten");
    expect(
      await acme.query("select id from images.discarded() as id where id = $1", [content]),
    ).to.have.length(1);
    const late = newVolume("v-late", { ...ACME, scratch: [content] });
    expect(await acme.refusedCall("insert_record", "volume", late, null)).to.equal("content-discarded");
    expect(await acme.call("content", content)).to.equal(null);
  });

  it("lets contents go from one record to another within a transaction", async () => {
    await acme.call("insert_record", "volume", newVolume("v-from", ACME), null);
    await acme.call("insert_record", "instance", newInstance("i-to", ACME), null);
    await acme.query("begin");
    await acme.call("delete_record", "volume", "v-from");
    await acme.call("update_record", "instance", "i-to", { systemDisk: disk("disk-of-v-from") });
    await acme.query("commit");
    expect(await acme.call("content", "disk-of-v-from")).to.include({ state: "named" });
    expect(await acme.call("content", "system-of-i-to")).to.equal(null);
  });

  it("discards nothing that another transaction is just naming", async () => {
    const { content } = await stored("img-passing");
    const other = await team.another("acme");
    await other.query("begin");
    const copy = { ...ACME, scratch: [content] };
    await other.call("insert_record", "volume", newVolume("v-passing", copy), null);
    const deleting = acme.call("delete_record", "image", "img-passing");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.query("commit");
    await deleting;
    expect(await acme.call("content", content)).to.include({ state: "whole" });
  });

  it("hands out no data key under a sealing key that is out of use, and again once it is back", async () => {
    const use = (disabled: boolean) =>
      team.rows("update images.master_keys set disabled = $1 where id = $2", [disabled, key]);
    await acme.call("insert_record", "image", newImage("img-sealed", ACME), null);
    await acme.call("insert_record", "share", newShare("s-sealed", "img-sealed", "partner", ACME), null);
    const draft = { objectId: newObjectId(), wrappedKey: wrappedBy(key), locked: false };
    await acme.call("begin_content", "disk-of-img-sealed", draft);
    const handedOut = async (someone: Someone) =>
      (await someone.call<{ wrappedKey: string | null }>("content", "disk-of-img-sealed")).wrappedKey;
    await use(true);
    expect([await handedOut(acme), await handedOut(partner)]).to.deep.equal([null, null]);
    await use(false);
    expect([await handedOut(acme), await handedOut(partner)]).to.deep.equal([
      draft.wrappedKey,
      draft.wrappedKey,
    ]);
  });

  it("shows no table of contents and objects to anyone but by these functions", async () => {
    for (const table of ["contents", "objects", "data_keys", "accounts", "creators", "settings"]) {
      expect((await acme.refused(`select * from images.${table}`)).code).to.equal("42501");
    }
  });
});

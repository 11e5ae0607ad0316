import { expect } from "chai";
import { newImage, newInstance, newShare } from "../../records";
import { change, describeSchema, newKey, type Someone, Team, wrappedBy } from "./team";

const ACME = { account: "acme" };

describeSchema("PostgreSQL keeps data keys from whom they aren't for", () => {
  let team: Team;
  let acme: Someone;
  let partner: Someone;

  before(async () => {
    team = await Team.found();
    [acme, partner] = await team.all("acme", "partner");
  });

  /** An encrypted image of acme's, and the master key that its data key is wrapped by. */
  const sealed = async (id: string) => {
    const creator = await acme.call<string>("own_creator", "host", 1, "1");
    const kmsKeyId = await newKey(acme, "acme");
    const image = newImage(id, { ...ACME, encrypted: true, kmsKeyId, status: "creating" });
    await acme.call("insert_record", "image", image, creator);
    const wrappedKey = wrappedBy(kmsKeyId);
    const done = await acme.call("update_record", "image", id, { status: "active", kmsKeyId, wrappedKey });
    expect(done).to.include({ wrappedKey });
    return { kmsKeyId, wrappedKey };
  };

  const dataKeyOf = async (someone: Someone, id: string) => {
    const text = "select wrapped_key from images.wrapped_keys where record_id = $1";
    return (await someone.query<{ wrapped_key: string }>(text, [id]))[0]?.wrapped_key;
  };

  it("shows the data key of an encrypted image to its owner, beside its attributes", async () => {
    const { wrappedKey } = await sealed("img-own");
    expect(await dataKeyOf(acme, "img-own")).to.equal(wrappedKey);
    const [row] = await acme.query("select attributes::text as text from images.images where id = 'img-own'");
    expect(row!.text).not.to.contain(wrappedKey);
    expect(await dataKeyOf(partner, "img-own")).to.equal(undefined);
    expect((await partner.refused("select * from images.data_keys")).code).to.equal("42501");
    expect((await partner.refused("select * from images.master_keys")).code).to.equal("42501");
  });

  it("lets a default key that the operator copies take the place of a spare one", async () => {
    const key = (id: string, name: string) =>
      JSON.stringify({
        ...{ id, name, region: "local", account: "partner" },
        ...{ isDefault: true, disabled: false, version: 1 },
      });
    const put = (text: string) => team.rows("select images.put_account_key($1)", [text]);
    await put(key("key-00000000aaaa", "default"));
    await put(key("key-00000000bbbb", "golden"));
    const defaults = () =>
      team.rows("select id from images.master_keys where account = 'partner' and is_default");
    expect(await defaults()).to.deep.equal([{ id: "key-00000000bbbb" }]);
    const [again] = await team.rows(
      "select changed from images.audit where id = 'key-00000000aaaa' and action = 'update'",
    );
    expect(again).to.deep.equal({ changed: ["isDefault"] });
    const refused = await put(key("key-00000000cccc", "other")).catch((error: Error) => error.message);
    expect(refused).to.contain("has a default key already");
  });

  it("hides it at once while its master key is disabled or to be deleted, and shows it again after", async () => {
    const { kmsKeyId, wrappedKey } = await sealed("img-off");
    await change(acme, kmsKeyId, { disabled: true });
    expect(await dataKeyOf(acme, "img-off")).to.equal(undefined);
    expect(await acme.query("select * from images.wrapped_by($1)", [kmsKeyId])).to.deep.equal([]);
    const renamed = await acme.call("update_record", "image", "img-off", { name: "renamed" });
    expect(renamed).not.to.have.property("wrappedKey");
    await change(acme, kmsKeyId, { disabled: false });
    expect(await dataKeyOf(acme, "img-off")).to.equal(wrappedKey);
    await change(acme, kmsKeyId, { deletedAt: "2099-01-01T00:00:00Z" });
    expect(await dataKeyOf(acme, "img-off")).to.equal(undefined);
    await change(acme, kmsKeyId, { deletedAt: null });
    expect(await dataKeyOf(acme, "img-off")).to.equal(wrappedKey);
  });

  it("never changes the data key of what is done, but for the same wrapped anew", async () => {
    const { kmsKeyId, wrappedKey } = await sealed("img-done");
    const other = { wrappedKey: wrappedBy(kmsKeyId).replace(/A$/, "B") };
    expect(await acme.refusedCall("update_record", "image", "img-done", other)).to.equal("never-changes");
    expect(await partner.call("rewrap", "image", "img-done", wrappedKey, wrappedBy(kmsKeyId, 2))).to.equal(
      false,
    );
    const rewrapping = ["rewrap", "image", "img-done", wrappedKey, wrappedBy(kmsKeyId, 2)] as const;
    expect(await acme.call(...rewrapping)).to.equal(true);
    expect(await acme.call(...rewrapping), "done twice").to.equal(true);
    expect(await acme.call("rewrap", "image", "img-done", wrappedKey, wrappedBy(kmsKeyId, 3))).to.equal(
      false,
    );
    expect(await dataKeyOf(acme, "img-done")).to.equal(wrappedBy(kmsKeyId, 2));
    const elsewhere = wrappedBy(await newKey(acme, "acme"));
    const young = wrappedBy(kmsKeyId, 2);
    expect(await acme.refusedCall("rewrap", "image", "img-done", young, elsewhere)).to.equal("key-unusable");
  });

  it("seals nothing by another's master key, a disabled one, or one that isn't there", async () => {
    const theirs = await newKey(partner, "partner");
    const disabled = await newKey(acme, "acme");
    await change(acme, disabled, { disabled: true });
    for (const kmsKeyId of [theirs, disabled, "key-ffffffffffff"]) {
      const image = newImage("img-refused", { ...ACME, encrypted: true, kmsKeyId });
      expect(await acme.refusedCall("insert_record", "image", image, null)).to.equal("key-unusable");
    }
    const own = await newKey(acme, "acme");
    const odd = newImage("img-refused", {
      ...ACME,
      encrypted: true,
      kmsKeyId: own,
      wrappedKey: wrappedBy(theirs),
    });
    expect(await acme.refusedCall("insert_record", "image", odd, null)).to.equal("key-unusable");
  });

  it("lets no account see, change or make another's master keys", async () => {
    const key = await newKey(acme, "acme");
    const facts = await acme.call<object>("master_key", key);
    expect(await partner.call("master_key", key)).to.equal(null);
    expect(await partner.refusedCall("put_master_key", { ...facts, disabled: true })).to.equal(
      "not-your-account",
    );
    expect(await partner.refusedCall("put_master_key", { ...facts, account: "partner" })).to.equal(
      "not-yours",
    );
    expect(await acme.refusedCall("put_master_key", { ...facts, version: 3 })).to.equal("never-changes");
    expect(await acme.refusedCall("put_master_key", { ...facts, destroyed: true })).to.equal("key-not-due");
  });

  it("shares no encrypted image, so that no member ever needs its key", async () => {
    await sealed("img-secret");
    const share = newShare("s-secret", "img-secret", "partner", ACME);
    expect(await acme.refusedCall("insert_record", "share", share, null)).to.equal("cannot-be-shared");
  });

  it("gives a rebuilt instance another key, and takes the old one's away with an instance that is deleted", async () => {
    const [first, second] = [await newKey(acme, "acme"), await newKey(acme, "acme")];
    const sealing = { encrypted: true, kmsKeyId: first, wrappedKey: wrappedBy(first) };
    await acme.call("insert_record", "instance", newInstance("i-sealed", { ...ACME, ...sealing }), null);
    await acme.call("update_record", "instance", "i-sealed", {
      kmsKeyId: second,
      wrappedKey: wrappedBy(second),
    });
    expect(await dataKeyOf(acme, "i-sealed")).to.equal(wrappedBy(second));
    await acme.call("delete_record", "instance", "i-sealed");
    expect(await team.rows("select * from images.data_keys where record_id = 'i-sealed'")).to.deep.equal([]);
  });
});

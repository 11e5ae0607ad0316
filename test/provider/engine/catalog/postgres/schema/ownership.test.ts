import { expect } from "chai";
import { newExport, newImage, newInstance, newShare, newVolume } from "../../records";
import { describeSchema, type Someone, Team } from "./team";

describeSchema("PostgreSQL keeps records their owners'", () => {
  let team: Team;
  let acme: Someone;
  let partner: Someone;
  let third: Someone;

  before(async () => {
    team = await Team.found();
    [acme, partner, third] = await team.all("acme", "partner", "third");
    const own = { account: "acme" };
    await acme.call("insert_record", "image", newImage("img-private", own), null);
    await acme.call("insert_record", "image", newImage("img-shared", own), null);
    await acme.call("insert_record", "share", newShare("s-1", "img-shared", "partner", own), null);
    await acme.call("insert_record", "instance", newInstance("i-1", own), null);
    await acme.call("insert_record", "volume", newVolume("v-1", own), null);
    await acme.call("insert_record", "export", newExport("exp-1", "img-private", own), null);
  });

  const idsIn = async (someone: Someone, table: string) =>
    (await someone.query<{ id: string }>(`select id from images.${table} order by id`)).map(({ id }) => id);

  it("shows an account its own records", async () => {
    expect(await idsIn(acme, "images")).to.deep.equal(["img-private", "img-shared"]);
    expect(await idsIn(acme, "instances")).to.deep.equal(["i-1"]);
    expect(await idsIn(acme, "volumes")).to.deep.equal(["v-1"]);
    expect(await idsIn(acme, "shares")).to.deep.equal(["s-1"]);
    expect(await idsIn(acme, "exports")).to.deep.equal(["exp-1"]);
  });

  it("shows a member the image that is shared with it and that share, and nothing else", async () => {
    expect(await idsIn(partner, "shared_images()")).to.deep.equal(["img-shared"]);
    expect(await idsIn(partner, "shares_with_me()")).to.deep.equal(["s-1"]);
    for (const table of ["images", "shares", "instances", "volumes", "exports"]) {
      expect(await idsIn(partner, table)).to.deep.equal([]);
    }
    for (const table of ["image_tags", "disk_references"]) {
      expect(await partner.query(`select * from images.${table}`)).to.deep.equal([]);
    }
    expect(await idsIn(third, "shared_images()")).to.deep.equal([]);
  });

  it("shows a stranger nothing", async () => {
    for (const table of ["images", "shares", "instances", "volumes", "exports"]) {
      expect(await idsIn(third, table)).to.deep.equal([]);
    }
    expect(await third.query("select * from images.image_tags")).to.deep.equal([]);
    expect(await third.query("select * from images.disk_references")).to.deep.equal([]);
    expect(await third.call("content", "disk-of-img-private")).to.equal(null);
    expect(await third.query("select images.contents()")).to.deep.equal([]);
  });

  it("shows a login that is no account, and one of another database's accounts, no table at all", async () => {
    const nobody = await team.another();
    expect((await nobody.refused("select * from images.images")).code).to.equal("42501");
    expect((await nobody.refused("select images.settings()")).code).to.equal("42501");
    const elsewhere = await Team.found({}, ["acme"]);
    const stranger = await elsewhere.another("acme");
    expect(await stranger.query("select * from images.images")).to.deep.equal([]);
  });

  it("lets a member change, delete and share on nothing of a shared image", async () => {
    expect(await partner.refusedCall("update_record", "image", "img-shared", { name: "mine" })).to.equal(
      "not-yours",
    );
    expect(await partner.refusedCall("delete_record", "image", "img-shared")).to.equal("not-yours");
    const onward = newShare("s-2", "img-shared", "third", { account: "partner" });
    expect(await partner.refusedCall("insert_record", "share", onward, null)).to.equal("source-not-yours");
  });

  it("lets a member share on no disk of a shared image, named beneath an image of its own", async () => {
    const lent = "disk-of-img-shared";
    const own = { account: "partner" };
    const [mapping] = newImage("img-beneath", own).deviceMappings;
    for (const naming of [{ scratch: [lent] }, { deviceMappings: [{ ...mapping!, basedOn: [lent] }] }]) {
      const beneath = newImage("img-beneath", { ...own, ...naming });
      expect(await partner.refusedCall("insert_record", "image", beneath, null)).to.equal(
        "content-not-yours",
      );
    }
    const creator = await partner.call<string>("own_creator", "host", 1, "1");
    const making = newImage("img-beneath", { ...own, status: "creating" });
    await partner.call("insert_record", "image", making, creator);
    expect(await partner.refusedCall("update_record", "image", "img-beneath", { scratch: [lent] })).to.equal(
      "content-not-yours",
    );
    await partner.call("delete_record", "image", "img-beneath");
  });

  it("lets a member convert, replicate and export no shared image", async () => {
    const made = (conversion: boolean) =>
      newImage("img-made", {
        account: "partner",
        architectures: [conversion ? "cloudDisk" : "localDisk"],
        source: { type: "image", id: "img-shared", ...(conversion && { conversion }) },
      });
    expect(await partner.refusedCall("insert_record", "image", made(true), null)).to.equal(
      "source-not-yours",
    );
    expect(await partner.refusedCall("insert_record", "image", made(false), null)).to.equal(
      "source-not-yours",
    );
    const exported = newExport("exp-2", "img-shared", { account: "partner" });
    expect(await partner.refusedCall("insert_record", "export", exported, null)).to.equal("source-not-yours");
  });

  it("lets a member make instances of a shared image, and end the share only by its owner", async () => {
    const source = { type: "image" as const, id: "img-shared" };
    const given = { account: "partner", imageId: "img-shared", source, scratch: ["disk-of-img-shared"] };
    await partner.call("insert_record", "instance", newInstance("i-member", given), null);
    expect(await partner.refusedCall("delete_record", "share", "s-1")).to.equal("not-yours");
    await partner.call("delete_record", "instance", "i-member");
  });

  it("tells of another's private image no more than that there is none", async () => {
    expect(await third.refusedCall("update_record", "image", "img-private", { name: "x" })).to.equal(
      "absent",
    );
    await third.call("delete_record", "image", "img-private");
    expect(await idsIn(acme, "images")).to.include("img-private");
    const instance = newInstance("i-3", { account: "third", source: { type: "image", id: "img-private" } });
    expect(await third.refusedCall("insert_record", "instance", instance, null)).to.equal("source-absent");
    const replica = newImage("img-3", { account: "third", source: { type: "image", id: "img-private" } });
    expect(await third.refusedCall("insert_record", "image", replica, null)).to.equal("source-absent");
  });

  it("records nothing for an account that the login isn't", async () => {
    const forged = newImage("img-forged", { account: "acme" });
    expect(await partner.refusedCall("insert_record", "image", forged, null)).to.equal("not-your-account");
    const nowhere = newImage("img-forged", { account: "partner", region: "nowhere" });
    expect(await partner.refusedCall("insert_record", "image", nowhere, null)).to.equal("not-your-account");
    const operators = newImage("img-forged", { account: "@operator" });
    expect(await partner.refusedCall("insert_record", "image", operators, null)).to.equal("not-your-account");
  });

  it("dates and numbers records itself, whatever it is given", async () => {
    const given = {
      ...newVolume("v-dated", { account: "acme" }),
      createdAt: "1999-01-01T00:00:00Z",
      sequence: 0,
    };
    const made = await acme.call<{ createdAt: string; sequence: number }>(
      "insert_record",
      "volume",
      given,
      null,
    );
    expect(Math.abs(Date.parse(made.createdAt) - Date.now())).to.be.lessThan(3_600_000);
    expect(made.sequence).to.be.greaterThan(0);
  });

  for (const [field, value] of Object.entries({
    account: "partner",
    region: "far",
    id: "img-other",
    createdAt: "1999-01-01T00:00:00.000Z",
    sequence: 999,
    imageType: "data",
    architectures: ["cloudDisk"],
    source: { type: "file", id: "other.raw" },
    encrypted: true,
    deviceMappings: [],
    lineage: [],
    checksum: "sha256:ff",
    status: "creating",
    scratch: ["disk-of-img-shared"],
    kmsKeyId: "key-000000000000",
  })) {
    it(`never changes the ${field} of an image`, async () => {
      const changes = { [field]: value };
      expect(await acme.refusedCall("update_record", "image", "img-private", changes)).to.equal(
        "never-changes",
      );
    });
  }

  it("never changes what an instance, volume, share or export is", async () => {
    const cases: [kind: string, id: string, changes: object][] = [
      ["instance", "i-1", { architecture: "cloudDisk" }],
      ["volume", "v-1", { disk: { id: "other", device: "/dev/vdb", size: 1 } }],
      ["share", "s-1", { memberId: "third" }],
      ["share", "s-1", { imageId: "img-private" }],
      ["export", "exp-1", { imageId: "img-shared" }],
      ["export", "exp-1", { bucketUrl: "s3://elsewhere" }],
    ];
    for (const [kind, id, changes] of cases) {
      expect(await acme.refusedCall("update_record", kind, id, changes)).to.equal("never-changes");
    }
  });

  it("takes no record that others couldn't read", async () => {
    const image = newImage("img-odd", { account: "acme" });
    const odd: object[] = [
      { ...image, tags: { team: 1 } },
      { ...image, deviceMappings: [] },
      { ...image, deviceMappings: [{ id: "a/../b", device: "/dev/vda", kind: "imageFile", size: 1 }] },
      { ...image, deviceMappings: [{ id: "d", device: "/dev/vda", kind: "other", size: 1 }] },
      { ...image, architectures: ["localDisk", "cloudDisk"] },
      { ...image, visibility: "public" },
      { ...image, lineage: "none" },
      { ...image, name: null },
      { ...image, description: "x".repeat(2_000_000) },
      { ...image, source: undefined },
      { ...image, origin: { declaredBy: "urn" } },
      { ...image, origin: { declaredBy: "u".repeat(3000), creationToken: "t", seen: false } },
      { ...image, id: "i".repeat(200) },
      { ...image, name: "n".repeat(200) },
      { ...image, name: "red \u001b[31m" },
      { ...image, name: "img\u202egolden" },
      { ...image, os: { osName: 1 } },
      { ...image, minRam: "1" },
      { ...image, maxRam: {} },
      { ...image, sizeBytes: "1" },
      { ...image, checksum: "c".repeat(300) },
      { ...image, quickProvisioning: "yes" },
      { ...image, lineage: [{ type: "file", id: "f", name: 1 }] },
      { ...image, deviceMappings: [{ ...image.deviceMappings[0]!, device: "../etc" }] },
      { ...image, scratch: Array.from({ length: 1001 }, (_, n) => `s-${n}`) },
    ];
    for (const record of odd) {
      expect(await acme.refusedCall("insert_record", "image", record, null)).to.equal("malformed");
    }
    expect(await acme.refusedCall("insert_record", "network", image, null)).to.equal("malformed");
    expect(await acme.refusedCall("update_record", "image", "img-private", { tags: [] })).to.equal(
      "malformed",
    );
  });

  it("lets the operator undo what an account does to others, as that account", async () => {
    const operator = await team.operator();
    const mallory = await team.another("third");
    const [login] = await mallory.query<{ name: string }>("select session_user as name");
    const own = { account: "third" };
    await mallory.call("insert_record", "image", newImage("img-unasked", own), null);
    await mallory.call("insert_record", "share", newShare("s-unasked", "img-unasked", "partner", own), null);
    const claim = newExport("exp-claim", "img-unasked", { ...own, bucketUrl: "s3://claimed" });
    await mallory.call("insert_record", "export", claim, null);
    const cancel = "select images.delete_record('share', id) from images.shares where account = 'third'";
    await operator.query(cancel);
    expect(await idsIn(partner, "shares_with_me()")).to.include("s-unasked");
    expect(
      await operator.query("select login from images.audit where id = 's-unasked' group by login"),
    ).to.deep.equal([{ login: login!.name }]);
    const role = team.roleOf("third");
    await operator.query(`revoke "${role}" from "${login!.name}"`);
    await operator.query(`grant "${role}" to current_user`);
    await operator.query(cancel);
    await operator.query(
      "select images.delete_record('export', id) from images.exports where account = 'third'",
    );
    await operator.query(`revoke "${role}" from current_user`);
    expect(await idsIn(partner, "shares_with_me()")).not.to.include("s-unasked");
    expect(
      await team.rows("select * from images.export_names where bucket_url = 's3://claimed'"),
    ).to.deep.equal([]);
    expect((await mallory.refused("select * from images.images")).code).to.equal("42501");
  });

  it("puts nothing in the place of what the region offers", async () => {
    const offered = "img-pub-ubuntu-16-04";
    const same = newImage(offered, { account: "acme" });
    expect(await acme.refusedCall("insert_record", "image", same, null)).to.equal("id-taken");
    const disk = { id: "offered-0123456789abcdef", device: "/dev/vdb", size: 1 };
    const foreseen = newVolume("v-foreseen", { account: "acme", disk });
    expect(await acme.refusedCall("insert_record", "volume", foreseen, null)).to.equal("malformed");
    // Shared before an image of the same ID was offered.
    await acme.call("insert_record", "image", newImage("img-soon", { account: "acme" }), null);
    await acme.call(
      "insert_record",
      "share",
      newShare("s-soon", "img-soon", "partner", { account: "acme" }),
      null,
    );
    await team.rows(
      "insert into images.offered_images select 'img-soon', region, 99, record || '{\"id\": \"img-soon\"}' from images.offered_images where id = $1",
      [offered],
    );
    const cloudDisk = newInstance("i-soon", {
      ...{ account: "partner", architecture: "cloudDisk" as const },
      source: { type: "image", id: "img-soon" },
    });
    // The offered one serves both architectures, and acme's only localDisk.
    await partner.call("insert_record", "instance", cloudDisk, null);
    await partner.call("delete_record", "instance", "i-soon");
    await team.rows("delete from images.offered_images where id = 'img-soon'");
    await acme.call("delete_record", "share", "s-soon");
    await acme.call("delete_record", "image", "img-soon");
  });

  it("makes no second record of one creation", async () => {
    const origin = { declaredBy: "urn:a", creationToken: "once", seen: false };
    await acme.call("insert_record", "volume", newVolume("v-first", { account: "acme", origin }), null);
    const again = newVolume("v-again", { account: "acme", origin });
    expect(await acme.refusedCall("insert_record", "volume", again, null)).to.equal("token-taken");
  });

  it("marks as made by a process only what that process's login makes", async () => {
    const creator = await acme.call<string>("own_creator", "host", 1, "1");
    const image = newImage("img-made", { account: "partner", status: "creating" });
    expect(await partner.refusedCall("insert_record", "image", image, creator)).to.equal("not-your-process");
    expect(await partner.refusedCall("insert_record", "image", image, null)).to.equal("not-your-process");
  });

  it("sweeps and marks as seen nobody else's records", async () => {
    const creator = await acme.call<string>("own_creator", "host", 2, "2");
    const origin = { declaredBy: "urn:b", creationToken: "unseen", seen: false };
    const image = newImage("img-making", { account: "acme", status: "creating", origin });
    await acme.call("insert_record", "image", image, creator);
    await third.call("sweep", [creator]);
    await third.call("mark_seen", ["unseen"]);
    await third.call("leave", creator);
    const [row] = await team.rows("select seen, creator from images.images where id = 'img-making'");
    expect(row).to.deep.equal({ seen: false, creator });
    expect(await third.query("select * from images.creators()")).to.deep.equal([]);
    await acme.call("sweep", [creator]);
    expect(await idsIn(acme, "images")).not.to.include("img-making");
  });
});

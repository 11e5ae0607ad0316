import { expect } from "chai";
import type { ImageRecord } from "../../../../../../provider/engine/model";
import { newExport, newImage, newInstance, newShare, newVolume } from "../../records";
import { describeSchema, newKey, type Someone, Team } from "./team";

type Given = Partial<ImageRecord>;

const ACME = { account: "acme" };
const LOCAL: Given = { architectures: ["localDisk"] };
const CLOUD: Given = { architectures: ["cloudDisk"] };
const DATA: Given = { ...CLOUD, imageType: "data" };
const of = (type: "instance" | "volume" | "image", id: string): Given => ({ source: { type, id } });
const converting = (id: string): Given => ({ ...CLOUD, source: { type: "image", id, conversion: true } });

describeSchema("PostgreSQL keeps the rules of each kind of record", () => {
  let acme: Someone;
  let partner: Someone;
  let team: Team;
  let creator: string;

  before(async () => {
    team = await Team.found();
    [acme, partner] = await team.all("acme", "partner");
    creator = await acme.call<string>("own_creator", "host", 1, "1");
    const key = await newKey(acme, "acme");
    const image = (id: string, given: Given = {}) => newImage(id, { ...ACME, ...given });
    const images = [
      image("img-local"),
      image("img-data", DATA),
      image("img-cloud", converting("img-local")),
      image("img-sealed", { encrypted: true, kmsKeyId: key }),
      image("img-making", { status: "creating" }),
    ];
    for (const each of images) await acme.call("insert_record", "image", each, creator);
    await acme.call("insert_record", "instance", newInstance("i-local", ACME), null);
    const cloudInstance = newInstance("i-cloud", { ...ACME, architecture: "cloudDisk" });
    await acme.call("insert_record", "instance", cloudInstance, null);
    const makingInstance = newInstance("i-making", { ...ACME, status: "creating" });
    await acme.call("insert_record", "instance", makingInstance, creator);
    await acme.call("insert_record", "volume", newVolume("v-1", ACME), null);
    await acme.call(
      "insert_record",
      "image",
      image("img-full", { imageType: "full", ...of("instance", "i-local") }),
      null,
    );
  });

  describe("an image", () => {
    const refused: [sentence: string, given: Given, rule: string][] = [
      [
        "of a localDisk instance isn't cloudDisk",
        { ...of("instance", "i-local"), ...CLOUD },
        "wrong-architecture",
      ],
      [
        "of a cloudDisk instance isn't localDisk",
        { ...of("instance", "i-cloud"), ...LOCAL },
        "wrong-architecture",
      ],
      ["of a volume isn't localDisk", { ...of("volume", "v-1"), ...LOCAL }, "wrong-architecture"],
      ["of a file isn't cloudDisk with a system disk", { ...CLOUD }, "wrong-architecture"],
      ["of an instance that isn't there", of("instance", "i-0"), "source-absent"],
      ["of an instance in the making", of("instance", "i-making"), "source-not-active"],
      ["of a volume that isn't there", { ...DATA, ...of("volume", "v-0") }, "source-absent"],
      [
        "of a plain instance isn't encrypted",
        { ...of("instance", "i-local"), encrypted: true },
        "wrong-encryption",
      ],
      ["of a file holds no system and data disks together", { imageType: "full" }, "wrong-image-type"],
      [
        "replicated from a cloudDisk one isn't localDisk",
        { ...of("image", "img-cloud"), ...LOCAL },
        "wrong-architecture",
      ],
      [
        "replicated from a localDisk one isn't cloudDisk",
        { ...of("image", "img-local"), ...CLOUD },
        "wrong-architecture",
      ],
      ["replicated keeps its type", { ...of("image", "img-local"), imageType: "full" }, "wrong-image-type"],
      ["replicated from one in the making", of("image", "img-making"), "source-not-active"],
      ["replicated from a public one", of("image", "img-pub-ubuntu-16-04"), "source-absent"],
      ["converted from a cloudDisk one", converting("img-cloud"), "wrong-architecture"],
      ["converted to localDisk", { ...converting("img-local"), ...LOCAL }, "wrong-architecture"],
      ["converted from one in the making", converting("img-making"), "source-not-active"],
      ["converted from a data image", converting("img-data"), "wrong-architecture"],
      ["converted is encrypted as its source is", converting("img-sealed"), "wrong-encryption"],
      [
        "with another image's disk for its own",
        {
          deviceMappings: [{ device: "/dev/vda", kind: "imageFile", id: "disk-of-img-cloud", size: 20 }],
        },
        "content-not-yours",
      ],
    ];
    for (const [sentence, given, rule] of refused) {
      it(`${sentence} (${rule})`, async () => {
        const image = newImage("img-refused", { ...ACME, ...given });
        expect(await acme.refusedCall("insert_record", "image", image, null)).to.equal(rule);
      });
    }

    it("is converted by one at a time", async () => {
      await acme.call("insert_record", "image", newImage("img-from", ACME), null);
      const first = newImage("img-first", { ...ACME, ...converting("img-from"), status: "creating" });
      await acme.call("insert_record", "image", first, creator);
      const second = newImage("img-second", { ...ACME, ...converting("img-from"), status: "creating" });
      expect(await acme.refusedCall("insert_record", "image", second, creator)).to.equal("being-converted");
      expect(await acme.refusedCall("delete_record", "image", "img-from")).to.equal("has-conversions");
      await acme.call("update_record", "image", "img-first", { status: "active" });
      await acme.call("delete_record", "image", "img-from");
    });

    it("is deleted only once it has no members and no export of it is running", async () => {
      await acme.call("insert_record", "image", newImage("img-gone", ACME), null);
      await acme.call("insert_record", "share", newShare("s-gone", "img-gone", "partner", ACME), null);
      const exported = newExport("exp-gone", "img-gone", { ...ACME, status: "creating", objects: [] });
      await acme.call("insert_record", "export", exported, creator);
      expect(await acme.refusedCall("delete_record", "image", "img-gone")).to.equal("has-members");
      await acme.call("delete_record", "share", "s-gone");
      expect(await acme.refusedCall("delete_record", "image", "img-gone")).to.equal("has-exports");
      await acme.call("update_record", "export", "exp-gone", { status: "active" });
      await acme.call("delete_record", "image", "img-gone");
    });

    it("has no member that came while it was being deleted", async () => {
      await acme.call("insert_record", "image", newImage("img-race", ACME), null);
      const other = await team.another("acme");
      await acme.query("begin");
      await acme.call("insert_record", "share", newShare("s-race", "img-race", "partner", ACME), null);
      const deleting = other.refusedCall("delete_record", "image", "img-race");
      await acme.query("commit");
      expect(await deleting).to.equal("has-members");
    });

    it("counts no process that has been silent for long as making anything", async () => {
      const silent = await acme.call<string>("own_creator", "elsewhere", 7, "7");
      await acme.call("insert_record", "image", newImage("img-left", ACME), null);
      const half = newImage("img-half", { ...ACME, ...converting("img-left"), status: "creating" });
      await acme.call("insert_record", "image", half, silent);
      await team.rows("update images.creators set beat_at = beat_at - interval '31 s' where id = $1", [
        silent,
      ]);
      const again = newImage("img-whole", { ...ACME, ...converting("img-left"), status: "creating" });
      await acme.call("insert_record", "image", again, creator);
      const [seen] = await acme.query<{ silent: boolean }>(
        "select silent from images.creators() where pid = 7",
      );
      expect(seen?.silent).to.equal(true);
      await acme.call("beat", silent);
      const [alive] = await acme.query<{ silent: boolean }>(
        "select silent from images.creators() where pid = 7",
      );
      expect(alive?.silent).to.equal(false);
    });
  });

  describe("a share", () => {
    const refused: [sentence: string, imageId: string, member: string, rule: string][] = [
      ["with its owner", "img-local", "acme", "shared-with-owner"],
      ["with an account that isn't there", "img-local", "nobody", "no-such-member"],
      ["with what the operator offers by", "img-local", "@operator", "no-such-member"],
      ["of an image that isn't there", "img-0", "partner", "source-absent"],
      ["of a public image", "img-pub-ubuntu-16-04", "partner", "source-absent"],
      ["of an image in the making", "img-making", "partner", "source-not-active"],
      ["of an encrypted image", "img-sealed", "partner", "cannot-be-shared"],
      ["of a full image", "img-full", "partner", "cannot-be-shared"],
    ];
    for (const [sentence, imageId, member, rule] of refused) {
      it(`${sentence} (${rule})`, async () => {
        const share = newShare("s-refused", imageId, member, ACME);
        expect(await acme.refusedCall("insert_record", "share", share, null)).to.equal(rule);
      });
    }

    it("goes to no member twice, and to another region never", async () => {
      await acme.call("insert_record", "share", newShare("s-once", "img-local", "partner", ACME), null);
      const twice = newShare("s-twice", "img-local", "partner", ACME);
      expect(await acme.refusedCall("insert_record", "share", twice, null)).to.equal("shared-already");
      const far = newShare("s-far", "img-local", "third", { ...ACME, region: "far" });
      expect(await acme.refusedCall("insert_record", "share", far, null)).to.equal("source-absent");
    });

    it("cancelled hides the image at once, and leaves what was made of it", async () => {
      await acme.call("insert_record", "image", newImage("img-lent", ACME), null);
      await acme.call("insert_record", "share", newShare("s-lent", "img-lent", "partner", ACME), null);
      const given = { account: "partner", source: { type: "image" as const, id: "img-lent" } };
      await partner.call("insert_record", "instance", newInstance("i-lent", given), null);
      await acme.call("delete_record", "share", "s-lent");
      expect(
        await partner.query("select id from images.shared_images() where id = 'img-lent'"),
      ).to.deep.equal([]);
      expect(await partner.query("select id from images.instances where id = 'i-lent'")).to.have.length(1);
      const late = newInstance("i-late", given);
      expect(await partner.refusedCall("insert_record", "instance", late, null)).to.equal("source-absent");
    });
  });

  describe("an instance or volume", () => {
    it("is made of no image that serves another system disk, or none", async () => {
      const made = (id: string) => ({ ...ACME, source: { type: "image" as const, id } });
      const cases: [kind: string, record: object, rule: string][] = [
        ["instance", newInstance("i-x", made("img-cloud")), "wrong-architecture"],
        ["instance", newInstance("i-x", made("img-data")), "wrong-image-type"],
        ["instance", newInstance("i-x", made("img-making")), "source-not-active"],
        ["instance", newInstance("i-x", made("img-0")), "source-absent"],
        ["volume", newVolume("v-x", made("img-local")), "wrong-image-type"],
        ["volume", newVolume("v-x", made("img-0")), "source-absent"],
      ];
      for (const [kind, record, rule] of cases) {
        expect(await acme.refusedCall("insert_record", kind, record, null)).to.equal(rule);
      }
    });

    it("is made of public images of either kind", async () => {
      for (const architecture of ["localDisk", "cloudDisk"] as const) {
        await acme.call(
          "insert_record",
          "instance",
          newInstance(`i-${architecture}`, { ...ACME, architecture }),
          null,
        );
      }
    });

    it("stays as it is while its disks are being frozen", async () => {
      await acme.call("insert_record", "instance", newInstance("i-frozen", ACME), null);
      const full: Given = { imageType: "full", status: "creating", ...of("instance", "i-frozen") };
      await acme.call("insert_record", "image", newImage("img-freezing", { ...ACME, ...full }), creator);
      expect(await acme.refusedCall("delete_record", "instance", "i-frozen")).to.equal("being-frozen");
      const systemDisk = { id: "new", device: "/dev/vda", size: 20 };
      expect(await acme.refusedCall("update_record", "instance", "i-frozen", { systemDisk })).to.equal(
        "being-frozen",
      );
      const again = newImage("img-again", { ...ACME, ...full });
      expect(await acme.refusedCall("insert_record", "image", again, creator)).to.equal("being-frozen");
      await acme.call("update_record", "image", "img-freezing", { status: "active" });
      await acme.call("delete_record", "instance", "i-frozen");
    });
  });

  describe("an export", () => {
    it("is of an own, active image that may leave its region", async () => {
      for (const [imageId, rule] of [
        ["img-sealed", "cannot-be-exported"],
        ["img-full", "cannot-be-exported"],
        ["img-making", "source-not-active"],
        ["img-0", "source-absent"],
      ] as const) {
        const record = newExport("exp-x", imageId, ACME);
        expect(await acme.refusedCall("insert_record", "export", record, null)).to.equal(rule);
      }
    });

    it("takes no objects of another account's", async () => {
      await acme.call("insert_record", "export", newExport("golden", "img-local", ACME), null);
      await partner.call("insert_record", "image", newImage("img-theirs", { account: "partner" }), null);
      const same = newExport("golden-2", "img-theirs", { account: "partner", name: "golden" });
      expect(await partner.refusedCall("insert_record", "export", same, null)).to.equal("objects-of-another");
      const folder = { ...same, bucketUrl: "file:///exports" };
      await acme.call(
        "insert_record",
        "export",
        newExport("golden-3", "img-local", { ...ACME, name: "golden", bucketUrl: "file:///exports" }),
        null,
      );
      await partner.call("insert_record", "export", folder, null);
    });
  });
});

import { expect } from "chai";
import type { DeviceMapping, ImageRecord } from "../../../../../../provider/engine/model";
import { describeWithPostgres } from "../../../../../support/postgres-server";
import { newImage, newShare } from "../../records";
import { Team, type Someone } from "./team";

const CONNECTIONS = 64;

/** Each at once on a connection of its own: how many were let through, and the rules that refused the others. */
async function atOnce(
  team: Team,
  work: (someone: Someone, n: number) => Promise<unknown>,
  account: (n: number) => string = () => "acme",
): Promise<{ let: number; rules: Set<string> }> {
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => team.another(account(n))));
  const rules = new Set<string>();
  const outcomes = await Promise.all(
    all.map((someone, n) =>
      work(someone, n).then(
        () => true,
        (error: { code: string; constraint?: string }) => {
          rules.add(error.constraint ?? error.code);
          return false;
        },
      ),
    ),
  );
  await Promise.all(all.map((someone) => someone.leave()));
  return { let: outcomes.filter(Boolean).length, rules };
}

const snapshots = (...ids: string[]) =>
  ids.map((id, n) => ({ device: `/dev/vd${"abcdefgh"[n]}`, kind: "snapshot" as const, id, size: 1 }));

describeWithPostgres("PostgreSQL never exceeds a quota", () => {
  afterEach(() => Team.disband());

  const own = { account: "acme" };

  /** What stands, counted anew, against what was counted as it came and went. */
  const expectExact = async (team: Team) => {
    const wrong = await team.rows(`
      select accounts.name, places.* from images.accounts
      join images.places on places.account_id = accounts.id
      where private_images <> (select count(*) from images.images where account_id = accounts.id)
        or snapshots <> (
          select count(distinct disk_id) from images.disk_references
          where account_id = accounts.id and snapshot = 1)`);
    expect(wrong).to.deep.equal([]);
  };

  it("of images, from 64 connections at once", async () => {
    const team = await Team.found({}, ["acme"]);
    const outcome = await atOnce(team, (someone, n) =>
      someone.call("insert_record", "image", newImage(`img-${n}`, own), null),
    );
    expect(outcome).to.deep.equal({ let: 5, rules: new Set(["private-images-full"]) });
    await expectExact(team);
    const acme = await team.as("acme");
    await acme.call(
      "delete_record",
      "image",
      (await acme.query("select id from images.images limit 1"))[0]!.id,
    );
    await acme.call("insert_record", "image", newImage("img-again", own), null);
    await expectExact(team);
  });

  it("of members of an image, from 64 connections at once", async () => {
    const members = Array.from({ length: CONNECTIONS }, (_, n) => `member-${n}`);
    const team = await Team.found({}, ["acme", ...members]);
    await (await team.as("acme")).call("insert_record", "image", newImage("img-1", own), null);
    const outcome = await atOnce(team, (someone, n) =>
      someone.call("insert_record", "share", newShare(`s-${n}`, "img-1", members[n]!, own), null),
    );
    expect(outcome).to.deep.equal({ let: 5, rules: new Set(["members-full"]) });
    await expectExact(team);
  });

  it("of shares that an account accepts, from 64 accounts at once", async () => {
    const owners = Array.from({ length: CONNECTIONS }, (_, n) => `owner-${n}`);
    const team = await Team.found({}, ["acme", ...owners]);
    const owned = (n: number) => ({ account: owners[n]! });
    const outcome = await atOnce(
      team,
      async (someone, n) => {
        await someone.call("insert_record", "image", newImage(`img-${n}`, owned(n)), null);
        await someone.call("insert_record", "share", newShare(`s-${n}`, `img-${n}`, "acme", owned(n)), null);
      },
      (n) => owners[n]!,
    );
    expect(outcome).to.deep.equal({ let: 5, rules: new Set(["accepted-shares-full"]) });
    const acme = await team.as("acme");
    expect(await acme.call("accepted_shares", "local", "acme")).to.equal(5);
    await expectExact(team);
  });

  it("of snapshots, which two images of one conversion hold once", async () => {
    const team = await Team.found({ snapshots: 3 }, ["acme"]);
    const acme = await team.as("acme");
    const [system, ...data] = snapshots("file-1", "snap-1", "snap-2");
    const deviceMappings = [{ ...system!, kind: "imageFile" as const }, ...data];
    await acme.call("insert_record", "image", newImage("img-1", { ...own, deviceMappings }), null);
    const converted = (id: string, ...ids: string[]) =>
      newImage(id, {
        ...own,
        source: { type: "image", id: "img-1", conversion: true },
        architectures: ["cloudDisk"],
        deviceMappings: snapshots(...ids),
      });
    await acme.call("insert_record", "image", converted("img-2", "snap-3", "snap-1", "snap-2"), null);
    const more = converted("img-3", "snap-4", "snap-1", "snap-2");
    expect(await acme.refusedCall("insert_record", "image", more, null)).to.equal("snapshots-full");
    await acme.call("delete_record", "image", "img-1");
    await expectExact(team);
    await acme.call("delete_record", "image", "img-2");
    await expectExact(team);
  });

  it("of snapshots, whatever an image calls its disks", async () => {
    const team = await Team.found({ snapshots: 0 }, ["acme"]);
    const acme = await team.as("acme");
    const [vda, vdb] = snapshots("s-1", "s-2");
    const asFile = (mapping: DeviceMapping) => ({ ...mapping, kind: "imageFile" as const });
    const called: Partial<ImageRecord>[] = [
      { architectures: ["cloudDisk"], deviceMappings: [asFile(vda!)] },
      { deviceMappings: [asFile(vda!), asFile(vdb!)] },
      { deviceMappings: [asFile(vda!), asFile({ ...vdb!, device: "/dev/vda" })] },
    ];
    for (const given of called) {
      const image = newImage("img-1", { ...own, ...given });
      expect(await acme.refusedCall("insert_record", "image", image, null)).to.equal("malformed");
    }
    const honest = newImage("img-1", { ...own, deviceMappings: [asFile(vda!), vdb!] });
    expect(await acme.refusedCall("insert_record", "image", honest, null)).to.equal("snapshots-full");
    await expectExact(team);
  });

  it("in transactions that hang, die or lie: a place is given back with them, and waited for until then", async () => {
    const team = await Team.found({ privateImages: 1 }, ["acme"]);
    const [hanging, dying, waiting] = await Promise.all(["acme", "acme", "acme"].map((a) => team.another(a)));
    await hanging!.query("begin");
    await hanging!.call("insert_record", "image", newImage("img-1", own), null);
    const waited = waiting!.call("insert_record", "image", newImage("img-2", own), null);
    await hanging!.query("rollback");
    await waited;
    expect(await waiting!.refusedCall("insert_record", "image", newImage("img-3", own), null)).to.equal(
      "private-images-full",
    );
    await waiting!.call("delete_record", "image", "img-2");
    await dying!.query("begin");
    await dying!.call("insert_record", "image", newImage("img-4", own), null);
    await dying!.leave();
    await waiting!.call("insert_record", "image", newImage("img-5", own), null);
    await expectExact(team);
  });

  it("nor lets a transaction look at anything but what stands now", async () => {
    const team = await Team.found({}, ["acme"]);
    const acme = await team.as("acme");
    for (const level of ["repeatable read", "serializable"]) {
      await acme.query(`begin isolation level ${level}`);
      const rule = await acme.refusedCall("insert_record", "image", newImage("img-1", own), null);
      expect(rule).to.equal("wrong-isolation");
    }
  });

  it("whatever an account sets its own to", async () => {
    const team = await Team.found({}, ["acme"]);
    const acme = await team.as("acme");
    const denied = async (text: string) => expect((await acme.refused(text)).code, text).to.equal("42501");
    await denied("update images.accounts set quota_private_images = 1000");
    await denied("update images.places set private_images = 0");
    await denied("delete from images.places");
    await denied(`select images.apply_settings('{"regions": []}')`);
    await denied("select images.lock_places(1)");
    await denied("alter table images.places disable trigger all");
  });

  it("takes back nothing where a quota is lowered below what stands", async () => {
    const team = await Team.found({}, ["acme"]);
    const acme = await team.as("acme");
    for (const n of [1, 2, 3]) await acme.call("insert_record", "image", newImage(`img-${n}`, own), null);
    await team.rows("update images.accounts set quota_private_images = 1");
    await acme.call("update_record", "image", "img-1", { name: "renamed" });
    await acme.call("delete_record", "image", "img-1");
    expect(await acme.refusedCall("insert_record", "image", newImage("img-4", own), null)).to.equal(
      "private-images-full",
    );
  });
});

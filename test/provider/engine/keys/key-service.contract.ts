import { expect } from "chai";
import type { KeyService, MasterKey } from "../../../../provider/engine/keys/key-service";
import type { Clock } from "../../../../provider/engine/keys/stored-key-service";
import { Fault, ViolationError } from "../../../../provider/engine/violation";

const DAY_MS = 24 * 3600 * 1000;
const owner = { region: "local", account: "default" };

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

export async function refused(work: Promise<unknown>): Promise<string> {
  const error = await failure(work);
  expect(ViolationError.is(error), String(error)).to.equal(true);
  return (error as ViolationError).message;
}

export async function fault(work: Promise<unknown>): Promise<string> {
  const error = await failure(work);
  expect(Fault.is(error), String(error)).to.equal(true);
  return (error as Fault).message;
}

/** What every key service promises, wherever it keeps its keys. */
export function keyServiceContract(
  name: string,
  setUp: () => Promise<{ open: (now: Clock) => KeyService; tearDown?: () => Promise<void> }>,
): void {
  describe(`${name} keeps the contract of a key service`, () => {
    let keys: KeyService;
    let now: Date;
    let tearDown: (() => Promise<void>) | undefined;
    beforeEach(async () => {
      const world = await setUp();
      tearDown = world.tearDown;
      now = new Date("2024-05-01T10:00:00Z");
      keys = world.open(() => now);
    });
    afterEach(async () => {
      await keys.close();
      await tearDown?.();
    });

    const later = (days: number) => (now = new Date(now.getTime() + days * DAY_MS));

    it("has no keys at first", async () => {
      expect(await keys.list()).to.deep.equal([]);
    });

    it("makes an owner's first key the default one, and no further one", async () => {
      const first = await keys.create(owner, { name: "golden" });
      expect(first).to.deep.equal({
        ...owner,
        id: first.id,
        name: "golden",
        state: "enabled",
        version: 1,
        isDefault: true,
        createdAt: first.createdAt,
      });
      expect(first.id).to.match(/^key-[0-9a-f]{12}$/);
      later(1);
      const second = await keys.create(owner);
      expect([second.isDefault, second.name]).to.deep.equal([false, second.id]);
      expect(await keys.list()).to.deep.equal([first, second]);
      expect(await keys.defaultKey(owner)).to.deep.equal(first);
    });

    it("makes a default key at the first need, one for each account and region", async () => {
      const made = await Promise.all([1, 2, 3, 4].map(() => keys.defaultKey(owner)));
      expect(new Set(made.map(({ id }) => id)).size).to.equal(1);
      expect((await keys.defaultKey({ ...owner, account: "web" })).id).not.to.equal(made[0]!.id);
      expect((await keys.defaultKey({ ...owner, region: "remote" })).id).not.to.equal(made[0]!.id);
      expect(await keys.list()).to.have.length(3);
    });

    it("wraps new data keys of 32 bytes, each its own, and unwraps them", async () => {
      const { id } = await keys.create(owner);
      const one = await keys.generateDataKey(id);
      const two = await keys.generateDataKey(id);
      expect(one.dataKey).to.have.length(32);
      expect(one.dataKey.equals(two.dataKey)).to.equal(false);
      expect(await keys.unwrap(one.wrappedKey)).to.deep.equal(one.dataKey);
      expect(await keys.unwrap(two.wrappedKey)).to.deep.equal(two.dataKey);
    });

    it("unwraps what earlier versions of a key have wrapped", async () => {
      const { id } = await keys.create(owner);
      const old = await keys.generateDataKey(id);
      expect((await keys.rotate(id)).version).to.equal(2);
      expect((await keys.rotate(id)).version).to.equal(3);
      const young = await keys.generateDataKey(id);
      expect(await keys.unwrap(old.wrappedKey)).to.deep.equal(old.dataKey);
      expect(await keys.unwrap(young.wrappedKey)).to.deep.equal(young.dataKey);
    });

    it("loses none of several rotations at once", async () => {
      const { id } = await keys.create(owner);
      const rotated = await Promise.all([1, 2, 3, 4, 5].map(() => keys.rotate(id)));
      expect(rotated.map(({ version }) => version).sort()).to.deep.equal([2, 3, 4, 5, 6]);
    });

    it("tells a wrapped key that was swapped to another key, or to another version", async () => {
      const [mine, other] = [await keys.create(owner), await keys.create(owner)];
      const { wrappedKey } = await keys.generateDataKey(mine.id);
      expect(await fault(keys.unwrap(wrappedKey.replace(mine.id, other.id)))).to.contain("altered");
      await keys.rotate(mine.id);
      expect(await fault(keys.unwrap(wrappedKey.replace(".1.", ".2.")))).to.contain("altered");
      expect(await fault(keys.unwrap(wrappedKey.replace(".1.", ".3.")))).to.contain("no version 3");
    });

    it("tells a wrapped key of which any character was altered, without a word of it", async () => {
      const { id } = await keys.create(owner);
      const { wrappedKey } = await keys.generateDataKey(id);
      const sealedAt = wrappedKey.lastIndexOf(".") + 1;
      for (let at = sealedAt; at < wrappedKey.length; at++) {
        const other = wrappedKey[at] === "A" ? "B" : "A";
        const altered = wrappedKey.slice(0, at) + other + wrappedKey.slice(at + 1);
        const message = await fault(keys.unwrap(altered));
        expect(message).to.contain("altered").and.not.to.contain(altered.slice(sealedAt));
      }
      for (const none of ["", "v1", wrappedKey.slice(0, -1), `${wrappedKey}A`, `${wrappedKey}\n`]) {
        expect(await fault(keys.unwrap(none))).to.contain("altered");
      }
    });

    it("wraps anew by the newest version what an earlier one has wrapped, and leaves be what needs it not", async () => {
      const { id } = await keys.create(owner);
      const { dataKey, wrappedKey } = await keys.generateDataKey(id);
      expect(await keys.rewrap(wrappedKey)).to.equal(wrappedKey);
      await keys.rotate(id);
      const young = await keys.rewrap(wrappedKey);
      expect(young).to.match(new RegExp(`^v1\\.${id}\\.2\\.`));
      expect(await keys.rewrap(young)).to.equal(young);
      expect(await keys.unwrap(young)).to.deep.equal(dataKey);
      expect(await keys.unwrap(wrappedKey)).to.deep.equal(dataKey);
      await keys.disable(id);
      for (const text of [wrappedKey, young]) {
        expect(await refused(keys.rewrap(text))).to.contain(`images keys enable ${id}`);
      }
      expect(await fault(keys.rewrap(young.replace(id, "other")))).to.contain("altered");
    });

    it("makes a sealing key at the first need, one for each account and region, listed only if asked for", async () => {
      const made = await Promise.all([1, 2, 3, 4].map(() => keys.sealingKey(owner)));
      const [{ id }] = made as [MasterKey];
      expect(new Set(made.map((key) => key.id)).size).to.equal(1);
      expect(made[0]).to.include({ ...owner, name: "disks", purpose: "sealing", isDefault: false });
      const { dataKey, wrappedKey } = await keys.generateDataKey(id);
      expect(await keys.unwrap(wrappedKey)).to.deep.equal(dataKey);
      expect((await keys.sealingKey({ ...owner, account: "web" })).id).not.to.equal(id);
      expect(await keys.list()).to.deep.equal([]);
      expect(await keys.list({ sealing: true })).to.have.length(2);
      expect(await keys.defaultKey(owner))
        .to.include({ isDefault: true })
        .and.not.to.have.property("purpose");
      expect((await keys.sealingKey(owner)).id).to.equal(id);
    });

    it("rotates a sealing key, and neither disables nor deletes it", async () => {
      const { id } = await keys.sealingKey(owner);
      expect((await keys.rotate(id)).version).to.equal(2);
      const uses = [() => keys.disable(id), () => keys.scheduleDeletion(id, 7)];
      for (const use of uses) expect(await refused(use())).to.contain(`images keys rotate ${id}`);
      expect(await keys.sealingKey(owner)).to.include({ id, state: "enabled" });
    });

    it("serves again after it was closed", async () => {
      const { id } = await keys.create(owner);
      const { dataKey, wrappedKey } = await keys.generateDataKey(id);
      await keys.close();
      expect(await keys.unwrap(wrappedKey)).to.deep.equal(dataKey);
    });

    it("wraps and unwraps nothing with a disabled key until it is enabled, and loses nothing", async () => {
      const { id } = await keys.create(owner);
      const { dataKey, wrappedKey } = await keys.generateDataKey(id);
      expect((await keys.disable(id)).state).to.equal("disabled");
      expect((await keys.disable(id)).state).to.equal("disabled");
      for (const use of [
        () => keys.generateDataKey(id),
        () => keys.unwrap(wrappedKey),
        () => keys.rotate(id),
      ]) {
        expect(await refused(use())).to.contain(`images keys enable ${id}`);
      }
      expect((await keys.enable(id)).state).to.equal("enabled");
      expect(await keys.unwrap(wrappedKey)).to.deep.equal(dataKey);
    });

    it("uses no key whose deletion is scheduled, and takes it back as it was", async () => {
      const { id } = await keys.create(owner);
      const { dataKey, wrappedKey } = await keys.generateDataKey(id);
      const scheduled = await keys.scheduleDeletion(id, 7);
      expect([scheduled.state, scheduled.deletedAt]).to.deep.equal([
        "pendingDeletion",
        "2024-05-08T10:00:00.000Z",
      ]);
      const uses = [
        () => keys.generateDataKey(id),
        () => keys.unwrap(wrappedKey),
        () => keys.rotate(id),
        () => keys.enable(id),
        () => keys.disable(id),
        () => keys.scheduleDeletion(id, 8),
      ];
      for (const use of uses) expect(await refused(use())).to.contain(`images keys restore ${id}`);
      later(6);
      const restored = await keys.cancelDeletion(id);
      expect(restored).to.include({ state: "enabled" }).and.not.to.have.property("deletedAt");
      later(6);
      expect(await keys.unwrap(wrappedKey)).to.deep.equal(dataKey);
      await keys.disable(id);
      await keys.scheduleDeletion(id, 30);
      expect((await keys.cancelDeletion(id)).state).to.equal("disabled");
    });

    for (const days of [6, 31, 7.5, -7, NaN]) {
      it(`deletes no key in ${days} days`, async () => {
        const { id } = await keys.create(owner);
        expect(await refused(keys.scheduleDeletion(id, days))).to.contain("7 to 30 days");
        expect((await keys.list())[0]!.state).to.equal("enabled");
      });
    }

    it("has a key no more from the moment that its deletion is due, and says that it was deleted", async () => {
      const { id } = await keys.create(owner);
      const { wrappedKey } = await keys.generateDataKey(id);
      await keys.scheduleDeletion(id, 7);
      later(7);
      expect(await refused(keys.unwrap(wrappedKey))).to.contain("was deleted at 2024-05-08T10:00:00.000Z");
      expect(await refused(keys.cancelDeletion(id))).to.contain("was deleted");
      expect(await keys.list()).to.deep.equal([]);
      for (const use of [
        () => keys.enable(id),
        () => keys.generateDataKey(id),
        () => keys.cancelDeletion(id),
      ]) {
        expect(await refused(use())).to.contain("was deleted");
      }
      later(-5);
      expect(await refused(keys.cancelDeletion(id))).to.contain("was deleted");
    });

    it("makes a new default key where the default one was deleted", async () => {
      const { id } = await keys.create(owner);
      await keys.scheduleDeletion(id, 7);
      expect((await keys.defaultKey(owner)).id).to.equal(id);
      later(7);
      const made = await keys.defaultKey(owner);
      expect(made.id).not.to.equal(id);
      expect(made.isDefault).to.equal(true);
    });

    it("says that there is no key, whatever is asked of it", async () => {
      for (const id of ["key-000000000000", "../secret", ""]) {
        const uses = [
          () => keys.generateDataKey(id),
          () => keys.rotate(id),
          () => keys.disable(id),
          () => keys.enable(id),
          () => keys.scheduleDeletion(id, 7),
          () => keys.cancelDeletion(id),
        ];
        for (const use of uses) expect(await refused(use())).to.contain(`There is no master key ${id}`);
      }
    });
  });
}

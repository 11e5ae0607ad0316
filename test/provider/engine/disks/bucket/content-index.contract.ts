import { randomBytes } from "node:crypto";
import { expect } from "chai";
import type {
  ContentIndex,
  ObjectDraft,
  SealedObject,
} from "../../../../../provider/engine/disks/bucket/content-index";
import { Fault } from "../../../../../provider/engine/violation";

export interface ContentIndexUnderTest {
  index: ContentIndex;
  /** A record of an account of region `local` names a content. */
  name(id: string, account?: string): Promise<void>;
  /** No record names it any more. */
  unname(id: string): Promise<void>;
  /** A data key wrapped by the account's sealing key. */
  wrappedKey(account?: string): Promise<string>;
  aDayPasses(): Promise<unknown>;
  cleanUp(): Promise<void>;
}

/** What every index of contents promises, whatever it is kept in. */
export function contentIndexContract(name: string, open: () => Promise<ContentIndexUnderTest>): void {
  describe(`${name} keeps the contract of an index of contents`, () => {
    let subject: ContentIndexUnderTest;
    let index: ContentIndex;
    beforeEach(async () => {
      subject = await open();
      index = subject.index;
    });
    afterEach(() => subject.cleanUp());

    const owner = { region: "local", account: "acme" };

    async function draft(account?: string): Promise<ObjectDraft> {
      return {
        objectId: randomBytes(16).toString("hex"),
        wrappedKey: await subject.wrappedKey(account),
        locked: false,
      };
    }

    const sealed = (begun: ObjectDraft): SealedObject => ({
      ...begun,
      storedBytes: 1234,
      digest: "ab".repeat(32),
    });

    async function whole(id: string, account?: string) {
      await subject.name(id, account);
      const object = sealed(await index.begin(id, await draft(account)));
      const content = { virtualBytes: 4096, sizeBytes: 1234, object, checksum: "sha256:00" };
      await index.finish(id, content);
      return content;
    }

    async function fault(work: Promise<unknown>): Promise<string> {
      const error = await work.then(
        () => expect.fail("nothing was thrown"),
        (thrown: unknown) => thrown,
      );
      expect(Fault.is(error), String(error)).to.equal(true);
      return (error as Fault).message;
    }

    it("knows a content from its being named to its being whole", async () => {
      await subject.name("disk-1");
      expect(await index.find("disk-1")).to.deep.equal({ id: "disk-1", ...owner, state: "named" });
      const begun = await draft();
      expect(await index.begin("disk-1", begun)).to.deep.equal(begun);
      expect(await index.find("disk-1")).to.deep.equal({
        id: "disk-1",
        ...owner,
        state: "writing",
        ...begun,
      });
      const content = { virtualBytes: 4096, sizeBytes: 1234, object: sealed(begun), checksum: "sha256:00" };
      await index.finish("disk-1", content);
      const found = await index.find("disk-1");
      expect(found).to.deep.equal({ id: "disk-1", ...owner, state: "whole", ...content });
      expect(await index.list()).to.deep.include(found);
    });

    it("takes a content without an object for nothing but zeros", async () => {
      await subject.name("blank");
      await index.finish("blank", { virtualBytes: 4096, sizeBytes: 0 });
      const found = await index.find("blank");
      expect(found).to.deep.equal({
        ...{ id: "blank", ...owner, state: "whole" },
        ...{ virtualBytes: 4096, sizeBytes: 0 },
      });
    });

    it("lets the next attempt carry on what one that was cut off began", async () => {
      await subject.name("disk-1");
      const first = await draft();
      await index.begin("disk-1", first);
      expect(await index.begin("disk-1", await draft())).to.include(first);
    });

    it("changes nothing of what is whole", async () => {
      const content = await whole("disk-1");
      await index.finish("disk-1", content);
      expect(await fault(index.begin("disk-1", await draft()))).to.match(/disk-1/);
      const other = { ...content, object: { ...content.object, digest: "cd".repeat(32) } };
      expect(await fault(index.finish("disk-1", other))).to.match(/disk-1/);
      expect(await index.find("disk-1")).to.deep.include(content);
    });

    it("finishes with the object only that it was begun with", async () => {
      await subject.name("disk-1");
      await index.begin("disk-1", await draft());
      const other = sealed(await draft());
      await fault(index.finish("disk-1", { virtualBytes: 4096, sizeBytes: 1234, object: other }));
      expect(await index.find("disk-1")).to.include({ state: "writing" });
    });

    it("lets contents of an account read from one object, grown where more is asked for", async () => {
      const content = await whole("disk-1");
      for (const id of ["same", "grown", "again"]) await subject.name(id);
      const same = await index.share("disk-1", "same", { sizeBytes: 0 });
      expect(same).to.deep.equal({ ...content, sizeBytes: 0 });
      const { checksum: _, ...rest } = content;
      const grown = await index.share("disk-1", "grown", { virtualBytes: 8192 });
      expect(grown).to.deep.include({ ...rest, virtualBytes: 8192 });
      expect(grown.checksum).to.equal(undefined);
      expect(await index.find("same")).to.deep.include(same);
      expect(await fault(index.share("disk-1", "same"))).to.match(/same/);
      expect(await fault(index.share("none", "again"))).to.match(/none/);
    });

    it("keeps the checksum of a whole content that has none, for what is shared of it too", async () => {
      await whole("disk-1");
      for (const id of ["grown", "next", "blank", "named", "locked"]) await subject.name(id);
      await index.share("disk-1", "grown", { virtualBytes: 8192 });
      for (const checksum of ["sha256:01", "sha256:02"]) await index.keepChecksum("grown", checksum);
      expect(await index.find("grown")).to.include({ checksum: "sha256:01", virtualBytes: 8192 });
      expect(await index.share("grown", "next")).to.include({ checksum: "sha256:01" });
      await index.finish("blank", { virtualBytes: 4096, sizeBytes: 0 });
      await index.keepChecksum("blank", "sha256:03");
      expect(await index.find("blank")).to.include({ checksum: "sha256:03" });
      const object = sealed(await index.begin("locked", { ...(await draft()), locked: true }));
      await index.finish("locked", { virtualBytes: 4096, sizeBytes: 1234, object });
      for (const id of ["disk-1", "named", "locked", "none"]) await index.keepChecksum(id, "sha256:04");
      expect(await index.find("disk-1")).to.include({ checksum: "sha256:00" });
      for (const id of ["named", "locked"]) expect(await index.find(id)).not.to.have.property("checksum");
    });

    it("shares no object between accounts", async () => {
      await whole("disk-1");
      await subject.name("theirs", "other");
      await fault(index.share("disk-1", "theirs"));
      expect(await index.find("theirs")).to.include({ state: "named", account: "other" });
    });

    it("lets contents of an account read from the object that was sealed from the same", async () => {
      const madeOf = "0c".repeat(32);
      await subject.name("disk-1");
      const begun = await index.begin("disk-1", { ...(await draft()), madeOf });
      for (const id of ["early", "same", "grown", "small", "of-another"]) await subject.name(id);
      expect(await index.shareMadeOf("early", madeOf, 4096)).to.equal(undefined);
      const content = { virtualBytes: 4096, sizeBytes: 0, object: sealed(begun), checksum: "sha256:00" };
      await index.finish("disk-1", content);
      expect(await index.shareMadeOf("small", madeOf, 2048)).to.equal(undefined);
      expect(await index.shareMadeOf("of-another", "0d".repeat(32), 4096)).to.equal(undefined);
      await subject.name("theirs", "other");
      expect(await index.shareMadeOf("theirs", madeOf, 4096)).to.equal(undefined);
      const same = await index.shareMadeOf("same", madeOf, 4096);
      expect(same).to.deep.equal({ ...content, sizeBytes: 1234 });
      expect(await index.find("same")).to.deep.include(same);
      const grown = await index.shareMadeOf("grown", madeOf, 8192);
      expect(grown).to.deep.include({ virtualBytes: 8192, sizeBytes: 1234 });
      expect(grown!.checksum).to.equal(undefined);
      for (const id of ["disk-1", "same"]) {
        await subject.unname(id);
        expect(await index.remove(id)).to.equal(undefined);
        await index.forget(id);
      }
      await subject.name("late");
      expect(await index.shareMadeOf("late", madeOf, 8192)).to.include({ virtualBytes: 8192 });
      expect(await fault(index.shareMadeOf("late", madeOf, 8192))).to.match(/late/);
    });

    it("gives an object to be removed with the last content that reads from it, until it is forgotten", async () => {
      const { object } = await whole("disk-1");
      await subject.name("same");
      await index.share("disk-1", "same");
      await subject.unname("disk-1");
      expect(await index.remove("disk-1")).to.equal(undefined);
      expect((await index.list()).map(({ id }) => id)).to.deep.equal(["same"]);
      await index.forget("disk-1");
      await subject.unname("same");
      const removed = { ...owner, objectId: object.objectId, state: "whole" };
      expect(await index.remove("same")).to.deep.equal(removed);
      expect(await index.list()).to.deep.equal([]);
      expect(await index.remove("same")).to.deep.equal(removed);
      await index.forget("same");
      await index.forget("same");
      expect(await index.remove("same")).to.equal(undefined);
    });

    it("tells which contents are to be removed still, until they are forgotten", async () => {
      const { object } = await whole("disk-1");
      await subject.name("same");
      await index.share("disk-1", "same");
      await whole("theirs", "other");
      expect(await index.discarded()).to.deep.equal([]);
      for (const id of ["disk-1", "same"]) await subject.unname(id);
      for (const id of ["disk-1", "same"]) await index.remove(id);
      const { objectId } = object;
      expect(await index.discarded()).to.have.deep.members([
        { ...owner, id: "disk-1", objectId },
        { ...owner, id: "same", objectId },
      ]);
      for (const id of ["disk-1", "same"]) await index.forget(id);
      expect(await index.discarded()).to.deep.equal([]);
    });

    describe("of a content that is taken out in the midst of its writing", () => {
      const madeOf = "0a".repeat(32);
      let begun: ObjectDraft;
      beforeEach(async () => {
        await subject.name("cut-off");
        begun = await index.begin("cut-off", { ...(await draft()), madeOf });
        await subject.unname("cut-off");
      });
      const isListed = async () => (await index.list()).some(({ id }) => id === "cut-off");

      async function beginAs(id: string, more: { madeOf?: string } = {}, account?: string) {
        await subject.name(id, account);
        return index.begin(id, { ...(await draft(account)), ...more });
      }

      it("gives what was begun to the next one of the account that is made of the same, once", async () => {
        expect(await index.remove("cut-off")).to.equal(undefined);
        await index.forget("cut-off");
        expect((await index.find("cut-off"))?.state).not.to.equal("writing");
        expect(await isListed()).to.equal(true);
        expect(await index.discarded()).to.deep.equal([]);
        for (const [id, more, account] of [
          ["of-another", { madeOf: "0b".repeat(32) }],
          ["of-nothing", {}],
          ["others", { madeOf }, "other"],
        ] as const) {
          expect((await beginAs(id, more, account)).objectId, id).not.to.equal(begun.objectId);
        }
        expect(await beginAs("next", { madeOf })).to.deep.equal({ ...begun, isTakenOver: true });
        expect(await index.find("next")).to.deep.equal({ id: "next", ...owner, state: "writing", ...begun });
        expect(await isListed()).to.equal(false);
        expect((await beginAs("late", { madeOf })).objectId).not.to.equal(begun.objectId);
        const content = { virtualBytes: 4096, sizeBytes: 1234, object: sealed(begun) };
        await index.finish("next", content);
        await subject.unname("next");
        expect(await index.remove("next")).to.include({ objectId: begun.objectId, state: "whole" });
      });

      it("gives it again where the next one is cut off too", async () => {
        await index.remove("cut-off");
        await beginAs("next", { madeOf });
        await subject.unname("next");
        expect(await index.remove("next")).to.equal(undefined);
        expect(await beginAs("third", { madeOf })).to.include({ objectId: begun.objectId });
      });

      it("gives its object to be removed a day later", async () => {
        await index.remove("cut-off");
        await subject.aDayPasses();
        expect((await index.discarded()).map(({ id }) => id)).to.deep.equal(["cut-off"]);
        expect((await beginAs("late", { madeOf })).objectId).not.to.equal(begun.objectId);
        expect(await isListed()).to.equal(false);
        const { objectId } = begun;
        expect(await index.remove("cut-off")).to.deep.equal({ ...owner, objectId, state: "writing" });
        await index.forget("cut-off");
        expect(await index.remove("cut-off")).to.equal(undefined);
      });
    });

    it("tells of an object that may be sent in part that it was being written", async () => {
      await subject.name("half");
      const { objectId } = await index.begin("half", await draft());
      await subject.unname("half");
      expect(await index.remove("half")).to.deep.equal({ ...owner, objectId, state: "writing" });
    });
  });
}

import { expect } from "chai";
import { DEFAULT_SETTINGS } from "../../../../../provider/engine/catalog/catalog-settings";
import { PostgresContentIndex } from "../../../../../provider/engine/catalog/postgres/content-index";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../../../provider/engine/catalog/postgres-catalog";
import type { ForeseenContent } from "../../../../../provider/engine/disks/disk-store";
import { Fault } from "../../../../../provider/engine/violation";
import { newGate } from "../../../../support/gate";
import { describeWithPostgres, PostgresServer } from "../../../../support/postgres-server";
import { newVolume } from "../records";
import { preparedDatabase } from "./prepared-database";

const BYTES = 10 * 2 ** 30;

describeWithPostgres("A transaction of PostgreSQL", () => {
  let catalog: PostgresCatalog;
  let index: PostgresContentIndex;
  beforeEach(async () => {
    const server = await PostgresServer.shared();
    const { database, roleOf } = await preparedDatabase(server, DEFAULT_SETTINGS);
    const own = new PostgresDatabase(await server.newLogin(database, roleOf("default")));
    catalog = new PostgresCatalog(own, await readSettings(own));
    index = new PostgresContentIndex(own);
  });
  afterEach(() => catalog.close());

  const insert = (name: string, content: Omit<ForeseenContent, "id" | "sizeBytes">) => {
    const disk = { id: `disk-${name}`, device: "/dev/vdb", size: 10 };
    const contents = [{ id: disk.id, sizeBytes: 0, ...content }];
    return catalog.transaction((tx) =>
      tx.insert("volume", newVolume(name, { disk }), { contents, isLast: true }),
    );
  };

  it("tells again what it was asked, until something is written", async () => {
    await insert("v-1", { virtualBytes: BYTES });
    const rename = (name: string) => catalog.transaction((tx) => tx.update("volume", "v-1", { name }));
    const names = await catalog.transaction(async (tx) => {
      const nameNow = async () => (await tx.get("volume", "v-1"))?.name;
      const told = [await nameNow()];
      await rename("renamed");
      told.push(await nameNow());
      await tx.insert("volume", newVolume("v-2"));
      return [...told, await nameNow()];
    });
    expect(names).to.deep.equal(["v-1", "v-1", "renamed"]);
  });

  it("makes one thing of a declaration that another one makes at the same time", async () => {
    const origin = (creationToken: string) => ({ declaredBy: "urn:web", creationToken, seen: false });
    let judged = 0;
    const bothJudged = newGate();
    const make = (id: string) =>
      catalog.transaction(async (tx) => {
        const [standing] = await tx.declaredBy("volume", "urn:web");
        if (++judged === 2) bothJudged.open();
        await bothJudged.opened;
        return standing ?? tx.insert("volume", newVolume(id, { origin: origin(id) }), { isLast: true });
      });
    const [first, second] = await Promise.all([make("v-1"), make("v-2")]);
    expect(judged, "the second one looks again").to.equal(3);
    expect(first).to.deep.equal(second);
    expect(first.origin).to.deep.equal(origin(first.id));
    expect((await catalog.snapshot()).volumes).to.deep.equal([first]);
    // One more may be made by whoever knows of it: what replaces it.
    const next = await catalog.transaction(async (tx) => {
      await tx.declaredBy("volume", "urn:web");
      return tx.insert("volume", newVolume("v-3", { origin: origin("v-3") }));
    });
    await catalog.transaction((tx) => tx.delete("volume", first.id));
    expect((await catalog.snapshot()).volumes).to.deep.equal([next]);
  });

  it("inserts a record and its contents together: zeros, and what reads as another content", async () => {
    await insert("v-1", { virtualBytes: BYTES, checksum: "sha256:0" });
    await insert("v-2", { from: "disk-v-1", objectId: null, virtualBytes: 2 * BYTES });
    const whole = { state: "whole", region: "local", account: "default", sizeBytes: 0 };
    const [first, second] = await Promise.all([index.find("disk-v-1"), index.find("disk-v-2")]);
    expect(first).to.deep.equal({ ...whole, id: "disk-v-1", virtualBytes: BYTES, checksum: "sha256:0" });
    expect(second).to.deep.equal({ ...whole, id: "disk-v-2", virtualBytes: 2 * BYTES });
  });

  for (const [what, content] of [
    ["isn't there", { from: "disk-v-0", objectId: null, virtualBytes: BYTES }],
    [
      "reads from another object by now",
      { from: "disk-v-1", objectId: "0f".repeat(16), virtualBytes: BYTES },
    ],
  ] as const) {
    it(`inserts nothing where a content that it was to read as ${what}`, async () => {
      await insert("v-1", { virtualBytes: BYTES });
      const error = await insert("v-2", content).catch((error: unknown) => error);
      expect(Fault.is(error)).to.equal(true);
      const { volumes } = await catalog.snapshot();
      expect(volumes.map(({ id }) => id)).to.deep.equal(["v-1"]);
      expect(await index.find("disk-v-2")).to.equal(undefined);
    });
  }
});

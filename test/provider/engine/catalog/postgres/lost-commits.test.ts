import { expect } from "chai";
import { DEFAULT_SETTINGS } from "../../../../../provider/engine/catalog/catalog-settings";
import { PostgresContentIndex } from "../../../../../provider/engine/catalog/postgres/content-index";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import {
  audited,
  isCommitted,
  standingWhole,
  type Proof,
} from "../../../../../provider/engine/catalog/postgres/lost-commits";
import type { Session } from "../../../../../provider/engine/catalog/postgres/session";
import { readSettings } from "../../../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../../../provider/engine/catalog/postgres-catalog";
import { describeWithPostgres, PostgresServer } from "../../../../support/postgres-server";
import { newVolume } from "../records";
import { preparedDatabase } from "./prepared-database";

describeWithPostgres("A commit whose answer was lost", () => {
  let login: PostgresDatabase;
  let catalog: PostgresCatalog;
  beforeEach(async () => {
    const server = await PostgresServer.shared();
    const { database, roleOf } = await preparedDatabase(server, DEFAULT_SETTINGS);
    login = new PostgresDatabase(await server.newLogin(database, roleOf("default")));
    catalog = new PostgresCatalog(login, await readSettings(login));
  });
  afterEach(() => catalog.close());

  /** ID of a transaction that records a volume. */
  async function recorded(name: string): Promise<string> {
    await catalog.transaction((tx) => tx.insert("volume", newVolume(name)));
    const text = "select transaction::text as xid from audit where id = $1";
    const [row] = await login.query<{ xid: string }>(text, [name]);
    return row!.xid;
  }

  const isDone = (xid: string, proof?: Proof) =>
    isCommitted(login, { xid, proof } as Session, new Error("lost"), 1000);

  it("is told by what was recorded with it, not by its ID, which another transaction may have by now", async () => {
    const xid = await recorded("v-1");
    await recorded("v-2");
    expect(await isDone(xid, audited("volume", "v-1"))).to.equal(true);
    expect(await isDone(xid, audited("volume", "v-2"))).to.equal(false);
    expect(await isDone(xid, audited("key", "v-1"))).to.equal(false);
    expect(await isDone(xid)).to.equal(false);
  });

  it("of a content is told by the content's being whole", async () => {
    const xid = await recorded("v-1");
    const disk = "disk-of-v-1";
    expect(await isDone(xid, standingWhole(disk))).to.equal(false);
    await new PostgresContentIndex(login).finish(disk, { virtualBytes: 1, sizeBytes: 0 });
    expect(await isDone(xid, standingWhole(disk))).to.equal(true);
  });

  it("isn't told of by a server that has never heard of it", async () => {
    const xid = String(Number(await recorded("v-1")) + 1_000_000);
    expect(await isDone(xid, audited("volume", "v-1"))).to.equal(false);
  });
});

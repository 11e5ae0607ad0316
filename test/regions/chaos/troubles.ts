import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import type { Tmpfs } from "../../deployer/crash/tmpfs";
import type { TestDatabase } from "../../support/postgres-server";
import type { PostgresServer } from "../../support/postgres-server";
import type { Fate, FaultProxy } from "../../support/fault-proxy";
import type { TeamServers } from "../../support/regions/team-servers";

/** What a region is served by, as trouble may come to it. */
export interface Scene {
  servers: TeamServers;
  /** Has all that the database has, and takes its place. */
  standby: PostgresServer;
  database: TestDatabase;
  /** URL of a login, for connections that only are in the way. */
  login: string;
  bucketWay: BucketWay;
  /** Where the bucket's objects are; absent where this user may mount nothing. */
  s3Disk?: Tmpfs;
}

/** How connections to the bucket's server fare. */
export class BucketWay {
  fate: () => Fate = () => "pass";
  proxy!: FaultProxy;

  /** For a while. */
  async be(fate: () => Fate): Promise<void> {
    this.fate = fate;
    this.proxy.resetAll();
    await pause(5000);
    this.fate = () => "pass";
    this.proxy.resetAll();
  }
}

export interface Trouble {
  title: string;
  /** Comes, lasts, and is over when it returns. */
  happen(scene: Scene): Promise<void>;
}

export const TROUBLES: readonly Trouble[] = [
  {
    title: "the database is restarted",
    happen: ({ servers }) => servers.postgres.restart(),
  },
  {
    title: "the database crashes",
    async happen({ servers }) {
      await servers.postgres.end();
      await pause(1000);
      await servers.postgres.run();
    },
  },
  {
    title: "the database's machine is lost, and its standby takes over",
    async happen(scene) {
      const { servers, standby } = scene;
      const lost = servers.postgres;
      await lost.end();
      await pause(1000);
      await standby.promote();
      servers.postgres = standby;
      await lost.remove();
      scene.standby = await standby.standby(lost.port);
    },
  },
  {
    title: "there are no more connections",
    async happen({ servers, login }) {
      const connectionString = login.replace(/@[^/]*/, `@127.0.0.1:${servers.postgres.port}`);
      const held: Client[] = [];
      const end = Date.now() + 4000;
      while (Date.now() < end) {
        const client = new Client({ connectionString });
        client.on("error", () => undefined);
        const isHeld = await client.connect().then(
          () => true,
          () => false,
        );
        if (isHeld) held.push(client);
        else await pause(20);
      }
      await Promise.all(held.map((client) => client.end().catch(() => undefined)));
    },
  },
  {
    title: "all connections are cut",
    async happen({ servers, database }) {
      for (let times = 0; times < 5; times++) {
        await servers.postgres.terminateConnections(database);
        await pause(300);
      }
    },
  },
  {
    title: "the bucket is gone for ten seconds",
    async happen({ servers }) {
      await servers.s3.end();
      await pause(10_000);
      await servers.s3.run();
    },
  },
  {
    title: "the bucket's server is busy",
    happen: ({ bucketWay }) => bucketWay.be(() => (Math.random() < 0.8 ? "slowDown" : "pass")),
  },
  {
    title: "connections to the bucket break off",
    happen: ({ bucketWay }) =>
      bucketWay.be(() => (Math.random() < 0.5 ? { resetAfter: Math.random() * 2 ** 21 } : "pass")),
  },
  {
    title: "the bucket is out of space",
    async happen({ s3Disk }) {
      await s3Disk?.fill();
      await pause(4000);
      await s3Disk?.free();
    },
  },
  {
    title: "the token of keys is taken away",
    async happen({ servers }) {
      await servers.hsm.pull();
      await pause(4000);
      await servers.hsm.plugIn();
    },
  },
];

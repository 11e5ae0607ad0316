import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PostgresServer } from "../postgres-server";
import { S3Server } from "../s3-server";
import { SoftHsm } from "../softhsm";
import { vanishWithUs } from "../vanishing";

/** What serves the regions of teams: a database, a bucket store, a token of keys. */
export interface TeamServers {
  postgres: PostgresServer;
  s3: S3Server;
  hsm: SoftHsm;
  /** Where files of its regions stand. */
  folder: string;
  /** `host:port`, several with commas between: where clients are told that the database is. Default: where it is. */
  hosts?: string;
}

let shared: Promise<TeamServers> | undefined;

/** For all suites of this process; the environment names them from now on, to this process and those that it starts. */
export function sharedTeamServers(): Promise<TeamServers> {
  return (shared ??= start());
}

async function start(): Promise<TeamServers> {
  const [postgres, s3, hsm, folder] = await Promise.all([
    PostgresServer.shared(),
    S3Server.shared(),
    SoftHsm.make(),
    mkdtemp(path.join(tmpdir(), "images-team-")),
  ]);
  vanishWithUs(folder);
  Object.assign(process.env, s3.env, hsm.env, { AWS_CONFIG_FILE: "/dev/null" });
  return { postgres, s3, hsm, folder };
}

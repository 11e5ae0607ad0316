import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PostgresServer } from "../../test/support/postgres-server";
import { S3Server } from "../../test/support/s3-server";
import { SoftHsm } from "../../test/support/softhsm";
import { checkDiff } from "./check-diff";
import { creating } from "./creating";
import { largeCatalog } from "./large-catalog";
import { transfers } from "./transfers";
import type { Figure } from "../figure";

/** A team's region, with all its servers on this machine: durable, nothing in memory only. */
export async function teamRegion(): Promise<Figure[]> {
  const [postgres, s3, hsm, folder] = await Promise.all([
    PostgresServer.start({ max_connections: 200, shared_buffers: "256MB" }),
    S3Server.start(),
    SoftHsm.make(),
    mkdtemp(path.join(tmpdir(), "images-bench-")),
  ]);
  Object.assign(process.env, s3.env, hsm.env, { AWS_CONFIG_FILE: "/dev/null" });
  const servers = { postgres, s3, hsm, folder };
  try {
    return [
      ...(await creating(servers)),
      ...(await checkDiff(servers)),
      ...(await transfers(servers)),
      ...(await largeCatalog(servers)),
    ];
  } finally {
    await Promise.all([postgres.remove(), s3.remove(), hsm.remove(), rm(folder, { recursive: true })]);
  }
}

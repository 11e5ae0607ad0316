import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

/** Puts `aws` into a folder for PATH, where this machine has none: `aws s3 sync` with the SDK, and nothing else. */
export async function provideAws(folder: string): Promise<void> {
  if (spawnSync("aws", ["--version"]).status === 0) return;
  const command = path.join(folder, "aws");
  await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${__filename}" "$@"\n`);
  await chmod(command, 0o755);
}

async function sync(from: string, to: string): Promise<void> {
  const client = new S3Client({ forcePathStyle: true });
  const [read, write] = [placeOf(client, from), placeOf(client, to)];
  const there = new Set(await write.names());
  for (const name of await read.names()) if (!there.has(name)) await write.put(name, await read.get(name));
}

interface Place {
  names(): Promise<string[]>;
  get(name: string): Promise<Uint8Array>;
  put(name: string, bytes: Uint8Array): Promise<void>;
}

function placeOf(client: S3Client, url: string): Place {
  const [, Bucket, prefix] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  return Bucket === undefined ? folderOf(url) : bucketOf(client, Bucket, `${prefix}/`);
}

function bucketOf(client: S3Client, Bucket: string, Prefix: string): Place {
  return {
    async names() {
      const { Contents = [], IsTruncated } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
      if (IsTruncated) throw new Error("more objects than this lists");
      return Contents.map(({ Key }) => Key!.slice(Prefix.length));
    },
    async get(name) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: Prefix + name }));
      return Body!.transformToByteArray();
    },
    async put(name, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key: Prefix + name, Body }));
    },
  };
}

function folderOf(folder: string): Place {
  return {
    async names() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    },
    get: (name) => readFile(path.join(folder, name)),
    async put(name, bytes) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), bytes);
    },
  };
}

if (require.main === module) {
  const [service, verb, from, to] = process.argv.slice(2);
  if (service !== "s3" || verb !== "sync") throw new Error(`aws ${service} ${verb} isn't known here`);
  sync(from!, to!).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}

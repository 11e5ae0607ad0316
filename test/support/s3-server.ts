import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { endingWithUs } from "./ending-with-us";
import { freePort } from "./free-port";
import { root } from "./paths";
import { vanishWithUs } from "./vanishing";

/** Where scripts/s3-server.mjs puts it. */
const CACHE = path.join(root, "node_modules", ".cache", "s3-server");

function findProgram(): string | undefined {
  const versions = existsSync(CACHE) ? readdirSync(CACHE) : [];
  return versions.map((version) => path.join(CACHE, version, "versitygw")).find((file) => existsSync(file));
}

/** Path of its program, where one could be built. */
export const s3ServerCommand = findProgram();

/** A suite that needs an S3 server: skipped where none could be built. */
export function describeWithS3(title: string, define: (this: Mocha.Suite) => void): void {
  (findProgram() ? describe : describe.skip)(title, define);
}

/** A real S3 server of its own, on a port of this machine, with keys and a folder that live as long as it. */
export class S3Server {
  readonly accessKeyId = `test${randomBytes(8).toString("hex")}`;
  readonly secretAccessKey = randomBytes(20).toString("hex");
  readonly client: S3Client;
  private static sharedServer: Promise<S3Server> | undefined;
  private buckets = 0;
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {
    this.client = new S3Client({
      endpoint: this.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: this.accessKeyId, secretAccessKey: this.secretAccessKey },
    });
    process.once("exit", this.kill);
  }

  /** One for all suites of this process, ended with it: for tests that leave the server as it was. */
  static shared(): Promise<S3Server> {
    return (this.sharedServer ??= this.start());
  }

  /** `parent`: where its folder is made. */
  static async start(parent = tmpdir()): Promise<S3Server> {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    const folder = await mkdtemp(path.join(parent, "images-s3-"));
    vanishWithUs(folder);
    for (const part of ["objects", "accounts"]) await mkdir(path.join(folder, part));
    for (let left = 5; ; left--) {
      const server = new S3Server(folder, await freePort());
      try {
        await server.run();
        return server;
      } catch (error) {
        // Another process was quicker to take the port.
        if (left === 0) throw error;
      }
    }
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What a program's environment has to name it. */
  get env(): NodeJS.ProcessEnv {
    return {
      AWS_ENDPOINT_URL_S3: this.endpoint,
      AWS_ACCESS_KEY_ID: this.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.secretAccessKey,
    };
  }

  /** Serves again what it served before it was ended. */
  async run(): Promise<void> {
    const { folder, accessKeyId, secretAccessKey } = this;
    const options = [
      "--quiet",
      "--port",
      `127.0.0.1:${this.port}`,
      "--iam-dir",
      path.join(folder, "accounts"),
    ];
    const backend = ["posix", path.join(folder, "objects")];
    const [program, args] = endingWithUs(findProgram()!, [...options, ...backend], "KILL");
    const child = spawn(program, args, {
      env: { ...process.env, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
      stdio: "ignore",
    });
    child.unref();
    this.child = child;
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`the S3 server ended with ${child.exitCode}`);
      if (await answers(this.port)) return;
      await wait(25);
    }
    throw new Error("the S3 server doesn't answer");
  }

  /** Ends it as by kill -9. */
  async end(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    child.ref();
    await once(child, "exit");
  }

  async remove(): Promise<void> {
    process.off("exit", this.kill);
    this.client.destroy();
    await this.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async newBucket(Bucket = `bucket-${++this.buckets}`): Promise<string> {
    await this.client.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }

  /** With all that is in it. */
  async removeBucket(bucket: string): Promise<void> {
    await rm(path.join(this.folder, "objects", bucket), { recursive: true, force: true, maxRetries: 5 });
  }

  /** The environment of an account that may do nothing yet. */
  async newUser(): Promise<NodeJS.ProcessEnv> {
    const [key, secret] = [`user${randomBytes(8).toString("hex")}`, randomBytes(20).toString("hex")];
    const create = ["create-user", "--access", key, "--secret", secret, "--role", "user"];
    await promisify(execFile)(findProgram()!, ["admin", "--endpoint-url", this.endpoint, ...create], {
      env: { ...process.env, ADMIN_ACCESS_KEY: this.accessKeyId, ADMIN_SECRET_KEY: this.secretAccessKey },
    });
    return { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret };
  }

  async applyPolicy(Bucket: string, Policy: string): Promise<void> {
    await this.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }

  async keys(Bucket: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, { Bucket }))
      keys.push(...Contents.map(({ Key }) => Key!));
    return keys.sort();
  }

  /** Keys of multipart uploads that were neither completed nor aborted. */
  async uploads(Bucket: string): Promise<string[]> {
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket }));
    return Uploads.map(({ Key }) => Key!);
  }

  /** When this process ends with no call of `remove`. */
  private readonly kill = () => this.child?.kill("SIGKILL");
}

/** Runs work with an environment, and puts back what was there. */
export async function withEnv<T>(env: NodeJS.ProcessEnv, work: () => Promise<T>): Promise<T> {
  const putBack = setEnv(env);
  try {
    return await work();
  } finally {
    putBack();
  }
}

/** Changes the environment; what it returns puts back what was there. */
export function setEnv(env: NodeJS.ProcessEnv): () => void {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const put = (values: NodeJS.ProcessEnv) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  put(env);
  return () => put(before);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}

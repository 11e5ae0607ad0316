// `node servers.mjs start | stop`: PostgreSQL, an S3 server and a software HSM for this example, in .servers/ beside.
// A team has these already; what its operator would do there, this does with the same commands.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, ".servers");
const state = join(folder, "servers.json");
const { PGPORT = "54329", S3PORT = "54330", VERSITYGW = "versitygw" } = process.env;
const secret = () => randomBytes(12).toString("hex");

function run(program, args, options = {}) {
  const done = spawnSync(program, args, { encoding: "utf8", ...options });
  if (done.error?.code === "ENOENT") throw new Error(`${program} isn't installed.`);
  if (done.status !== 0) throw new Error(`${program} ${args[0]}: ${done.stderr ?? done.error}`);
  return done.stdout;
}

/** Why a server didn't start. */
let failure;

/** Starts a server that outlives this process; returns its process ID. */
function serve(name, program, args, options = {}) {
  const log = openSync(join(folder, `${name}.log`), "a");
  const child = spawn(program, args, { stdio: ["ignore", log, log], detached: true, ...options });
  child.on("error", ({ code, message }) => {
    failure = `${program} ${code === "ENOENT" ? "isn't installed" : `doesn't start: ${message}`}.`;
  });
  child.unref();
  return child.pid;
}

async function untilListens(name, port) {
  for (let tries = 0; tries < 400; tries++) {
    if (failure) throw new Error(failure);
    const listens = await new Promise((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => resolve(true)).on("error", () =>
        resolve(false),
      );
      socket.once("connect", () => socket.destroy());
    });
    if (listens) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const said = readFileSync(join(folder, `${name}.log`), "utf8")
    .trim()
    .split("\n")
    .slice(-5)
    .join("\n");
  throw new Error(`Nothing listens on port ${port}. The last that ${name} said: ${said}`);
}

/** PostgreSQL refuses to run as root. */
function postgresUser() {
  if (process.getuid() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((option) => Number(run("id", [option, "postgres"])));
  return { uid, gid, cwd: "/" };
}

function postgresPrograms() {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  return versions.length > 0 ? join(debian, versions[0], "bin") : run("pg_config", ["--bindir"]).trim();
}

async function startPostgres(passwords) {
  const user = postgresUser();
  const data = mkdtempSync(join(tmpdir(), "team-region-"));
  const password = join(data, "password");
  writeFileSync(password, passwords.postgres);
  if (user.uid) for (const path of [data, password]) chownSync(path, user.uid, user.gid);
  const programs = postgresPrograms();
  const access = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${password}`];
  run(join(programs, "initdb"), ["-D", join(data, "data"), "--encoding=UTF8", ...access], user);
  const settings = ["-k", data, "-p", PGPORT, "-c", "listen_addresses=127.0.0.1"];
  const pid = serve("postgres", join(programs, "postgres"), ["-D", join(data, "data"), ...settings], user);
  await untilListens("postgres", PGPORT);
  // An operator owns the database, and makes the roles of accounts.
  const sql = [
    `create role operator login createrole createdb password '${passwords.operator}'`,
    ...["alice", "bob"].map((login) => `create role ${login} login password '${passwords[login]}'`),
    "create database images owner operator",
  ];
  const env = {
    ...process.env,
    PGHOST: "127.0.0.1",
    PGPORT,
    PGUSER: "postgres",
    PGPASSWORD: passwords.postgres,
  };
  run("psql", ["-q", ...sql.flatMap((statement) => ["-c", statement]), "postgres"], { env });
  return { pid, data };
}

async function startS3(users) {
  const root = { access: "operator", secret: users.operator };
  for (const part of ["objects", "accounts"]) mkdirSync(join(folder, "s3", part), { recursive: true });
  const args = ["--quiet", "--port", `127.0.0.1:${S3PORT}`, "--iam-dir", join(folder, "s3", "accounts")];
  const env = { ...process.env, ROOT_ACCESS_KEY: root.access, ROOT_SECRET_KEY: root.secret };
  const pid = serve("s3", VERSITYGW, [...args, "posix", join(folder, "s3", "objects")], { env });
  await untilListens("s3", S3PORT);
  const endpoint = `http://127.0.0.1:${S3PORT}`;
  for (const login of ["alice", "bob"]) {
    const create = ["create-user", "--access", login, "--secret", users[login], "--role", "user"];
    const admin = ["admin", "--endpoint-url", endpoint, "--access", root.access, "--secret", root.secret];
    run(VERSITYGW, [...admin, ...create]);
  }
  await makeBucket(endpoint, root);
  return { pid, endpoint };
}

/** Everyone may read (what is there is sealed); an account writes under its own prefix only. */
async function makeBucket(endpoint, { access, secret }) {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const require = createRequire(createRequire(import.meta.url).resolve("pulumi-private-images/package.json"));
  const { S3Client, CreateBucketCommand, PutBucketPolicyCommand } = require("@aws-sdk/client-s3");
  const credentials = { accessKeyId: access, secretAccessKey: secret };
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  const bucket = "arn:aws:s3:::images";
  const allow = (logins, actions, resource) => ({
    Effect: "Allow",
    Principal: { AWS: logins },
    Action: actions.map((action) => `s3:${action}`),
    Resource: resource,
  });
  const writing = ["PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts"];
  const policy = {
    Version: "2012-10-17",
    Statement: [
      allow(["alice", "bob"], ["ListBucket", "ListBucketMultipartUploads"], bucket),
      allow(["alice", "bob"], ["GetObject"], `${bucket}/team/*`),
      allow(["alice"], writing, `${bucket}/team/north/platform/*`),
      allow(["bob"], writing, `${bucket}/team/north/web/*`),
    ],
  };
  await client.send(new CreateBucketCommand({ Bucket: "images" }));
  await client.send(new PutBucketPolicyCommand({ Bucket: "images", Policy: JSON.stringify(policy) }));
  client.destroy();
}

function makeToken(pin) {
  const conf = join(folder, "softhsm2.conf");
  mkdirSync(join(folder, "tokens"));
  writeFileSync(
    conf,
    `directories.tokendir = ${join(folder, "tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const env = { ...process.env, SOFTHSM2_CONF: conf };
  run("softhsm2-util", ["--init-token", "--free", "--label", "images", "--pin", pin, "--so-pin", pin], {
    env,
  });
  return conf;
}

/** What each one's shell has to have: a login of one's own in the database and in the bucket. */
function writeEnvironment(login, database, s3, { endpoint, conf, pin }) {
  const variables = {
    PGHOST: "127.0.0.1",
    PGPORT,
    PGDATABASE: "images",
    PGUSER: login,
    PGPASSWORD: database[login],
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: login,
    AWS_SECRET_ACCESS_KEY: s3[login],
    SOFTHSM2_CONF: conf,
    IMAGES_PKCS11_PIN: pin,
    PULUMI_CONFIG_PASSPHRASE: "",
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(join(folder, `${login}.env`), lines.join(""), { mode: 0o600 });
}

async function start() {
  if (existsSync(state)) throw new Error("They run already: node servers.mjs stop");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  const passwords = () =>
    Object.fromEntries(["postgres", "operator", "alice", "bob"].map((each) => [each, secret()]));
  const [database, s3, pin] = [passwords(), passwords(), String(randomInt(1e7, 1e8))];
  const conf = makeToken(pin);
  const postgres = await startPostgres(database);
  writeFileSync(state, JSON.stringify({ pids: [postgres.pid], data: postgres.data }));
  const { pid, endpoint } = await startS3(s3);
  writeFileSync(state, JSON.stringify({ pids: [postgres.pid, pid], data: postgres.data }));
  for (const login of ["operator", "alice", "bob"])
    writeEnvironment(login, database, s3, { endpoint, conf, pin });
  console.log("Started. Take on a part with: . .servers/operator.env (or alice.env, bob.env)");
}

function stop() {
  if (!existsSync(state)) return;
  const { pids, data } = JSON.parse(readFileSync(state, "utf8"));
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGQUIT");
    } catch {
      // It has ended already.
    }
  }
  for (const path of [data, folder])
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

const commands = { start, stop };
const command = commands[process.argv[2]];
if (!command) throw new Error("node servers.mjs start | stop");
try {
  await command();
} catch (error) {
  console.error(`error: ${error.message}`);
  if (command === start) stop();
  process.exitCode = 1;
}

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { isLocked, takeLock } from "../../../deployer/state/lock";
import { failure } from "./stack-folder";

describe("the lock of a stack", () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "lock-")), "dev");
    await mkdir(folder);
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  const leave = (content: object): Promise<void> =>
    writeFile(join(folder, "0.json"), JSON.stringify(content));
  const deadPid = (): number => spawnSync(process.execPath, ["--version"]).pid;
  const timestamp = "2026-01-02T03:04:05Z";

  it("has the CLI's fields, and goes when it is released", async () => {
    const lock = await takeLock(folder, "dev");
    const [file] = await readdir(folder);
    const content = JSON.parse(await readFile(join(folder, file!), "utf8"));
    expect(content)
      .to.include({ pid: process.pid, hostname: hostname() })
      .and.to.include.keys("username", "timestamp");
    expect(file).to.match(/^[0-9a-f-]{36}\.json$/);
    await lock.release();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it("lets at most one of many contenders through", async () => {
    const locks = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(folder, "dev")));
    expect(locks.filter((it) => it.status === "fulfilled").length).to.be.at.most(1);
    const left = (await readdir(folder)).length;
    expect(left).to.equal(locks.filter((it) => it.status === "fulfilled").length);
  });

  it("of the CLI stands, even where its process seems dead, and says whose it is and how to clear it", async () => {
    await leave({ pid: deadPid(), username: "ada", hostname: hostname(), timestamp });
    const message = await failure(takeLock(folder, "dev"));
    expect(message).to.match(/UserError: .*locked by process \d+ of ada on .*since 2026-01-02T03:04:05Z/);
    expect(message).to.include(join(folder, "0.json"));
    expect(await readdir(folder)).to.deep.equal(["0.json"]);
    expect(await isLocked(folder)).to.equal(true);
  });

  it("of ours on another host stands", async () => {
    await leave({ pid: deadPid(), username: "ada", hostname: "elsewhere", timestamp, program: "images" });
    expect(await failure(takeLock(folder, "dev"))).to.match(/on elsewhere/);
  });

  it("of ours is taken over where its process is dead", async () => {
    await leave({ pid: deadPid(), username: "ada", hostname: hostname(), timestamp, program: "images" });
    expect(await isLocked(folder)).to.equal(false);
    const lock = await takeLock(folder, "dev");
    expect(lock.takenOver[0]).to.match(/Took over the lock of process \d+/);
    await lock.release();
  });

  it("of ours is taken over where another process has its process ID by now", async function () {
    if (process.platform !== "linux") this.skip();
    const own = await takeLock(folder, "dev");
    const [file] = await readdir(folder);
    const content = JSON.parse(await readFile(join(folder, file!), "utf8"));
    await own.release();
    await leave({ ...content, process: { ...content.process, start: "1" } });
    const lock = await takeLock(folder, "dev");
    expect(lock.takenOver).to.have.length(1);
    await lock.release();
  });

  it("that can't be read stands", async () => {
    await writeFile(join(folder, "0.json"), "{");
    expect(await failure(takeLock(folder, "dev"))).to.match(/locked by a lock file that can't be read/);
  });
});

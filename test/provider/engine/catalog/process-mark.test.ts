import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import {
  HEARTBEAT_EXPIRES_MS,
  isAlive,
  markOf,
  thisProcess,
} from "../../../../provider/engine/catalog/process-mark";

describe("A process's mark", () => {
  const now = Date.now();
  const long = now - 100 * HEARTBEAT_EXPIRES_MS;

  it("tells that this process lives, with no heartbeat", () => {
    expect(isAlive(thisProcess(), long, now)).to.equal(true);
  });

  it("tells this process from an earlier one of its pid", function () {
    if (thisProcess().startedAt === undefined) this.skip();
    expect(isAlive({ ...thisProcess(), startedAt: "1" }, now, now)).to.equal(false);
  });

  it("tells that another process lives, and that it has ended", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const mark = markOf(child.pid!);
    expect(isAlive(mark, long, now)).to.equal(true);
    if (mark.startedAt !== undefined) {
      expect(isAlive({ ...mark, startedAt: "1" }, now, now)).to.equal(false);
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(mark, now, now)).to.equal(false);
  });

  it("tells whether a process of another host lives by its heartbeat alone", () => {
    const mark = { ...thisProcess(), host: "elsewhere" };
    expect(isAlive(mark, now - HEARTBEAT_EXPIRES_MS, now)).to.equal(true);
    expect(isAlive(mark, now - HEARTBEAT_EXPIRES_MS - 1, now)).to.equal(false);
  });
});

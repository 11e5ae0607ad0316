import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fileError, UserError } from "../../deployer/user-error";

describe("a failed file operation", () => {
  const failed = (code: string, syscall: string): unknown =>
    fileError("Writing x", Object.assign(new Error(`${code}: as Node says it`), { code, syscall }));

  const cases: [string, string, string, string][] = [
    ["is told in words", "ENOSPC", "write", "Writing x failed: no space left on the device."],
    // Node says so of a folder to be made in a file system that is read-only.
    [
      "tells of the folder that can't be made",
      "ENOENT",
      "mkdir",
      "Writing x failed: its folder can't be made; the file system may be read-only.",
    ],
    ["keeps Node's words for what is rare", "ELOOP", "open", "Writing x failed: ELOOP: as Node says it."],
  ];
  for (const [name, code, syscall, message] of cases) {
    it(name, () => {
      expect(failed(code, syscall)).to.be.an.instanceOf(UserError).with.property("message", message);
    });
  }

  it("keeps the system's error as its cause", async () => {
    const folder = await mkdtemp(join(tmpdir(), "user-error-"));
    try {
      const error = await writeFile(join(folder, "none", "file"), "").catch((it: unknown) => it);
      expect(fileError("Writing x", error)).to.have.property("cause", error);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("that is none stays itself", () => {
    const error = new TypeError("a bug");
    expect(fileError("Writing x", error)).to.equal(error);
  });
});

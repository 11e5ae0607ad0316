import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { EXIT } from "../../deployer/user-error";
import type { MasterKey } from "../../provider/engine/keys/key-service";
import { describeForEngines, runImages } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { describeTeam } from "../support/regions/region-under-test";
import { look, named } from "../support/world";

describeTeam("the key that seals an account's disks in the bucket", () => {
  describeForEngines("while programs run", (engine) => {
    const program = `
      const golden = new PrivateImage("golden", { imageFile: "disk.raw", imageType: "data" });
      const sealed = new ImageReplica("sealed", { image: golden, encrypted: true });
    `;
    const region = "region: local\naccounts: [{ name: default }]\nquotas: { privateImages: 10 }\n";
    const project = withProject({ region, program }, async (made) => {
      await writeFile(path.join(made.dir, "disk.raw"), randomBytes(2 ** 20));
      succeeded(await engine.run(made, "up"));
    });
    const keys = (...args: string[]) => runImages(project(), "keys", ...args, "--stack", "dev");
    const list = async (...args: string[]): Promise<(MasterKey & { sealed: string[]; older: number })[]> =>
      JSON.parse(succeeded(await keys("list", "--json", ...args)).stdout);
    const sealing = async () => (await list("--sealing")).find(({ purpose }) => purpose === "sealing")!;
    const stored = async () => {
      const names = [];
      for await (const { name, bytes } of project().region.stored())
        if (name.includes("/")) names.push(`${name} ${bytes.length}`);
      return names.sort();
    };

    it("is shown only if asked for, with the objects that it seals", async () => {
      expect((await list()).map(({ purpose }) => purpose)).to.deep.equal([undefined]);
      const key = await sealing();
      expect(key).to.include({ name: "disks", isDefault: false, state: "enabled", version: 1, older: 0 });
      expect(key.sealed)
        .to.have.length((await stored()).length)
        .and.not.to.deep.equal([]);
    });

    it("is rotated with no object written, and what stands is read on", async () => {
      const { id, sealed } = await sealing();
      const before = await stored();
      const { stdout } = succeeded(await keys("rotate", id));
      expect(stdout).to.equal(
        `Master key ${id} is at version 2; ${sealed.length} data keys were wrapped anew.\n`,
      );
      expect(await sealing()).to.include({ version: 2, older: 0 });
      expect(await stored()).to.deep.equal(before);
      const further = `${program} new ImageReplica("opened", { image: sealed, encrypted: false });`;
      await project().write({ program: further });
      succeeded(await engine.run(project(), "up"));
      const { resources } = await look(project());
      const [golden, opened] = ["golden", "opened"].map((name) => named(resources, name).outputs!);
      expect(opened!.checksum).to.equal(golden!.checksum);
    });

    it("is neither disabled nor deleted, nor named by a program", async () => {
      const { id } = await sealing();
      for (const args of [
        ["disable", id],
        ["delete", id, "--days", "7", "--yes"],
      ]) {
        const { code, stderr } = await keys(...args);
        expect([code, stderr]).to.deep.equal([EXIT.failed, stderr]);
        expect(stderr).to.contain("seals all disks").and.contain(`images keys rotate ${id}`);
      }
    });

    it("leaves it to an account's own keys what is encrypted", async () => {
      const [own] = await list();
      succeeded(await keys("disable", own!.id));
      const plain = `${program} new Volume("plain", { image: golden });`;
      await project().write({ program: plain });
      succeeded(await engine.run(project(), "up"));
      const locked = `${program} new Volume("locked", { image: sealed });`;
      await project().write({ program: locked });
      const { code, text } = await engine.run(project(), "up");
      expect(code).not.to.equal(0);
      expect(text)
        .to.match(/is\s+disabled/)
        .and.contain(`images keys enable ${own!.id}`);
      succeeded(await keys("enable", own!.id));
      succeeded(await engine.run(project(), "up"));
    });
  });
});

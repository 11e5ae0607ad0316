import { randomBytes } from "node:crypto";
import path from "node:path";
import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { FILE_SYSTEM_TOOLS, makeFileSystem, readFromFileSystem, withDisk } from "../support/disk-files";
import { expectTakenDown, succeeded, withProject } from "../support/expectations";
import { describeWith, tool } from "../support/tools";
import { idOf, look, named } from "../support/world";

/** Incompressible and longer than a cluster, so that a byte at the wrong place shows. */
const FILES = {
  "etc/hostname": "golden\n",
  "home/user/data.hex": randomBytes(300_000).toString("hex"),
};

describeWith([...FILE_SYSTEM_TOOLS, "qemu-img"], "a disk with a file system on it", () => {
  describeForEngines("taken through every operation", (engine) => {
    const project = withProject(
      {
        program: `
          const os = { osType: "linux", osName: "Own", osVersion: "1" };
          const imported = new PrivateImage("imported", { imageFile: "disk.qcow2", fileFormat: "qcow2", os });
          const builder = new Instance("builder", { image: imported, systemDisk: { type: "localDisk" } });
          const golden = new PrivateImage("golden", { instance: builder });
          const cloud = new ImageConversion("cloud", { image: golden });
          const sealed = new ImageReplica("sealed", { image: cloud, encrypted: true });
          const opened = new ImageReplica("opened", { image: sealed, encrypted: false });
          new Instance("web", { image: opened, systemDisk: { type: "cloudDisk", size: 2 } });
          new Instance("vault", { image: sealed, systemDisk: { type: "cloudDisk", size: 2 } });
        `,
      },
      async (made) => {
        const raw = path.join(made.dir, "disk.raw");
        await makeFileSystem(raw, 64, FILES);
        await tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, path.join(made.dir, "disk.qcow2"));
        succeeded(await engine.run(made, "preview"));
        succeeded(await engine.run(made, "up"));
      },
    );

    for (const instance of ["builder", "web", "vault"]) {
      it(`has its files in the instance ${instance}`, async () => {
        const of = await idOf(project(), instance);
        await withDisk(project(), { kind: "instance", of }, async (disk) => {
          for (const [file, content] of Object.entries(FILES))
            expect((await readFromFileSystem(disk, file)) === content, file).to.equal(true);
        });
      });
    }

    it("is encrypted where the program says so, and in what is made of that", async () => {
      const { resources } = await look(project());
      const encrypted = (name: string): unknown => named(resources, name).outputs!.encrypted;
      expect(["cloud", "sealed", "opened", "web", "vault"].map(encrypted)).to.deep.equal([
        false,
        true,
        false,
        false,
        true,
      ]);
    });

    it("is taken down without a trace", () => expectTakenDown(engine, project()));
  });
});

import { expect } from "chai";
import { contentOf, readBytes, withDisk } from "../support/disk-files";
import { describeForEngines } from "../support/engines";
import { describeRefusals, expectTakenDown, succeeded, withProject } from "../support/expectations";
import { describeWith, tool } from "../support/tools";
import { idOf, look, named } from "../support/world";

const MIB = 2 ** 20;

describeWith(["qemu-img", "qemu-io"], "full images", () => {
  describeForEngines("of an instance with two data disks", (engine) => {
    const builder = `const builder = vm("builder", "localDisk", { dataDisks: [{ size: 1 }, { size: 2 }] });
      const full = (name) => new PrivateImage(name, { instance: builder, imageType: "full" });
      const copy = (name, image) => new Instance(name, { image, systemDisk: { type: "localDisk" }, dataDisks: [{ size: 4 }] });`;
    const both = `${builder} const first = full("first"); const second = full("second");`;
    const project = withProject({ program: `${builder} full("first");` }, async (made) => {
      succeeded(await engine.run(made, "preview"));
      succeeded(await engine.run(made, "up"));
    });

    async function up(program: string): Promise<void> {
      await project().write({ program });
      succeeded(await engine.run(project(), "preview"));
      succeeded(await engine.run(project(), "up"));
    }

    /** As the builder's VM would: so many MiB from the beginning of its first data disk. */
    async function write(pattern: number, offset: number): Promise<void> {
      const disk = { kind: "instance", of: await idOf(project(), "builder"), device: "/dev/vdb" } as const;
      const { id } = await contentOf(project(), disk);
      const command = `write -P ${pattern} ${offset}M 64k`;
      await project().region.changeContent(id, async (file, format) => {
        await tool("qemu-io", "-f", format, "-c", command, file);
      });
    }

    async function byteAt(instance: string, offset: number): Promise<number> {
      const disk = { kind: "instance", of: await idOf(project(), instance), device: "/dev/vdb" } as const;
      return withDisk(project(), disk, async (file) => (await readBytes(file, offset * MIB, 1))[0]!);
    }

    it("have all its disks", async () => {
      const { imageType, architecture, deviceMappings } = named(
        (await look(project())).resources,
        "first",
      ).outputs!;
      expect([imageType, architecture]).to.deep.equal(["full", "localDisk"]);
      const shown = (deviceMappings as Record<string, unknown>[]).map((mapping) => ({ ...mapping, id: "" }));
      expect(shown).to.deep.equal([
        { device: "/dev/vda", kind: "imageFile", id: "", size: 20 },
        { device: "/dev/vdb", kind: "snapshot", id: "", size: 1 },
        { device: "/dev/vdc", kind: "snapshot", id: "", size: 2 },
      ]);
    });

    it("hold what the disks held at their time, and make instances with all of them and their own", async () => {
      await write(11, 1);
      await up(both);
      await write(22, 2);
      await up(`${both} copy("early", first); copy("late", second);`);
      const { resources } = await look(project());
      for (const name of ["early", "late"]) {
        const { devices, dataDisks } = named(resources, name).outputs!;
        expect(devices).to.deep.equal([
          { device: "/dev/vda", size: 20 },
          { device: "/dev/vdb", size: 1 },
          { device: "/dev/vdc", size: 2 },
          { device: "/dev/vdd", size: 4 },
        ]);
        expect(dataDisks).to.deep.equal([{ size: 4 }]);
      }
      expect([await byteAt("early", 1), await byteAt("late", 1)]).to.deep.equal([0, 11]);
      expect([await byteAt("late", 2), await byteAt("builder", 2)]).to.deep.equal([0, 22]);
      succeeded(await engine.run(project(), "up", "--expect-no-changes"));
    });

    it("may go in any order: the others and the instances read as before", async () => {
      await up(`${builder} const second = full("second"); copy("late", second); copy("again", second);`);
      expect([await byteAt("late", 1), await byteAt("again", 1)]).to.deep.equal([11, 11]);
      await up(builder);
      expect([await byteAt("builder", 1), await byteAt("builder", 2)]).to.deep.equal([11, 22]);
      await expectTakenDown(engine, project());
    });
  });
});

describeRefusals(
  "what full images aren't for",
  {
    region: "region: local\naccounts: [{ name: default }, { name: friend }]\n",
    program: `
      const backup = new PrivateImage("backup", { instance: vm("builder", "localDisk", { dataDisks: [{ size: 1 }] }), imageType: "full" });
      new ImageShare("shared", { image: backup, memberId: "friend" });
      new ImageExport("exported", { image: backup, bucketUrl: "exports" });
      new ImageReplica("sealed", { image: backup, encrypted: true });
      new Volume("disk", { image: backup });
    `,
  },
  [
    ["a share", "shared", "imageId", "backup (planned in this run)"],
    [
      "an export",
      "exported",
      "imageId",
      "holds system and data disks together",
      "Make system and data images",
    ],
    ["an encrypted replica", "sealed", "encrypted", "no encrypted images of that kind"],
    ["a volume", "disk", "imageId", "isn't an image of a data disk"],
  ],
);

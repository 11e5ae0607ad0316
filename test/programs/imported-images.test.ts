import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { readBytes, withDisk } from "../support/disk-files";
import { describeForEngines } from "../support/engines";
import { expectRefusal, expectTakenDown, refuse, succeeded, withProject } from "../support/expectations";
import type { Message } from "../support/expectations";
import { describeWith, tool } from "../support/tools";
import { idOf, outputs } from "../support/world";
import type { Project } from "../support/project";

const MIB = 2 ** 20;

const file = (project: Project, name: string): string => path.join(project.dir, "disks", name);

describeWith(["qemu-img"], "images of files", () => {
  describeForEngines("from outside", (engine) => {
    const program = `
      const os = { osType: "linux", osName: "Own" };
      const system = new PrivateImage("system", { imageFile: "disks/system.qcow2", fileFormat: "qcow2", os, minDisk: 3 });
      const data = new PrivateImage("data", { imageFile: "disks/data.raw", imageType: "data" });
      new ImageConversion("cloud", { image: system });
      new Instance("web", { image: system, systemDisk: { type: "localDisk" } });
      new Volume("disk", { image: data });
      exports.images = [system, data].map((image) =>
        pulumi.all([image.imageType, image.architecture, image.minDisk, image.osName, image.lineage])
          .apply(([imageType, architecture, minDisk, osName, [root]]) => [imageType, architecture, minDisk, osName ?? null, root.type]));
    `;
    const project = withProject({ program }, async (made) => {
      await mkdir(path.join(made.dir, "disks"));
      await writeFile(file(made, "data.raw"), Buffer.alloc(MIB, 7));
      await tool("qemu-img", "create", "-q", "-f", "qcow2", file(made, "system.qcow2"), "2G");
      succeeded(await engine.run(made, "preview"));
      succeeded(await engine.run(made, "up"));
    });

    it("are localDisk system images, or cloudDisk data images, at least as large as the file", async () => {
      expect((await outputs(project())).images).to.deep.equal([
        ["system", "localDisk", 3, "Own", "file"],
        ["data", "cloudDisk", 1, null, "file"],
      ]);
    });

    it("give their content to what is made of them", async () => {
      const disk = { kind: "volume", of: await idOf(project(), "disk") } as const;
      const bytes = await withDisk(project(), disk, (content) => readBytes(content, 0, MIB + 1));
      expect(bytes.equals(Buffer.concat([Buffer.alloc(MIB, 7), Buffer.alloc(1)]))).to.equal(true);
    });

    it("aren't read again: another content under the same path is no change", async () => {
      await writeFile(file(project(), "data.raw"), Buffer.alloc(MIB, 8));
      succeeded(await engine.run(project(), "up", "--expect-no-changes"));
    });

    it("are replaced for another path, and leave nothing behind", async () => {
      const before = await idOf(project(), "data");
      await writeFile(file(project(), "data-2.raw"), Buffer.alloc(MIB, 8));
      await project().write({ program: program.replace("disks/data.raw", "disks/data-2.raw") });
      succeeded(await engine.run(project(), "up"));
      expect(await idOf(project(), "data")).not.to.equal(before);
      await expectTakenDown(engine, project());
    });
  });

  describeForEngines("that can't be taken", (engine) => {
    const project = withProject({}, async (made) => {
      await mkdir(path.join(made.dir, "disks"));
      await writeFile(file(made, "secret.raw"), Buffer.alloc(MIB, 9));
      const create = (name: string, ...args: string[]): Promise<string> =>
        tool("qemu-img", "create", "-q", "-f", "qcow2", ...args, file(made, name));
      await create("leak.qcow2", "-b", "secret.raw", "-F", "raw");
      await tool("qemu-img", "create", "-q", "-f", "qcow2", file(made, "whole.qcow2"), "1G");
      await writeFile(file(made, "cut.qcow2"), (await readFile(file(made, "whole.qcow2"))).subarray(0, 1000));
    });

    const REFUSED: [what: string, args: string, ...message: [property: string, ...reason: string[]]][] = [
      ["isn't there", '{ imageFile: "disks/none.raw" }', "imageFile", "There is no file"],
      [
        "names another file that would be read",
        '{ imageFile: "disks/leak.qcow2", fileFormat: "qcow2" }',
        "imageFile",
        "a backing file",
        "secret.raw",
        "no other file is read on its behalf",
      ],
      [
        "isn't of the format that is stated",
        '{ imageFile: "disks/whole.qcow2" }',
        "imageFile",
        "is qcow2, not raw",
        'State fileFormat: "qcow2"',
      ],
      ["is cut short", '{ imageFile: "disks/cut.qcow2", fileFormat: "qcow2" }', "imageFile", "cut"],
      [
        "is said to hold more than it can",
        '{ imageFile: "disks/whole.qcow2", fileFormat: "qcow2", imageType: "full" }',
        "imageType",
        "is one disk",
      ],
      [
        "is larger than the disk that is asked for",
        '{ imageFile: "disks/whole.qcow2", fileFormat: "qcow2", minDisk: 0.5 }',
        "minDisk",
      ],
      [
        "is of no known format",
        '{ imageFile: "disks/whole.qcow2", fileFormat: "qed" }',
        "fileFormat",
        "one of",
      ],
    ];
    for (const [what, args, ...message] of REFUSED) {
      it(`are refused where a file ${what}`, async () => {
        const program = `new PrivateImage("imported", ${args});`;
        const refusal = await refuse(engine, project(), { program });
        expectRefusal(refusal, ["imported", ...message] as Message);
      });
    }
  });
});

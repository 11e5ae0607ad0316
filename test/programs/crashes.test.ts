import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { images, startImages } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import type { Project } from "../support/project";
import { look, named } from "../support/world";

/** An image of a disk that takes a while to copy. */
const program = `
  const builder = new Instance("builder", { diskFile: "disk.raw", systemDisk: { type: "localDisk", size: 1 } });
  const golden = new PrivateImage("golden", { instance: builder });
  vm("web", "localDisk", { imageId: golden.id, systemDisk: { type: "localDisk", size: 1 } });
`;

async function makeDisk(project: Project, mebibytes: number): Promise<void> {
  await writeFile(path.join(project.dir, "disk.raw"), randomBytes(mebibytes * 2 ** 20));
}

describe("a run that is cut off", () => {
  for (const [moment, status] of [
    ["while it makes the image", "creating"],
    ["when the image has just been made", "active"],
  ] as const) {
    describe(moment, () => {
      const project = withProject({ program }, (made) => makeDisk(made, 192));

      it("leaves one image after the next run, and no disk of a second", async () => {
        const run = startImages(project(), "up");
        await until(project(), "golden", status);
        run.kill("SIGKILL");
        await run.ended;
        const recovered = succeeded(await images.run(project(), "up"));
        expect(recovered.text).not.to.match(/^\s+at /m);
        const { records, resources, contents } = await look(project());
        expect(records.images.map(({ name, status }) => [name, status])).to.deep.equal([
          ["golden", "active"],
        ]);
        expect(named(resources, "golden").id).to.equal(records.images[0]!.id);
        expect(records.instances).to.have.length(2);
        expect(contents).to.have.length(3);
        succeeded(await images.run(project(), "up", "--expect-no-changes"));
      });
    });
  }

  describe("between the creation and the state's record of it", () => {
    const project = withProject({
      program: `const builder = vm("builder"); const golden = new PrivateImage("golden", { instance: builder }); vm("web", "localDisk", { imageId: golden.id });`,
    });

    it("has its images and instances adopted, none made twice; what a later run has seen isn't adopted", async () => {
      succeeded(await images.run(project(), "preview"));
      succeeded(await images.run(project(), "up"));
      const before = await look(project());
      await rm(path.join(project().dir, ".pulumi"), { recursive: true });
      succeeded(await images.run(project(), "up"));
      const after = await look(project());
      const ids = (world: typeof before) => world.resources.map(({ urn, id }) => [urn, id]).sort();
      expect(ids(after).filter(([, id]) => id?.match(/^(img|i)-/))).to.deep.equal(
        ids(before).filter(([, id]) => id?.match(/^(img|i)-/)),
      );
      expect(after.contents).to.deep.equal(before.contents);
      expect(after.records.images).to.have.length(1);

      // What a later run has seen is adopted no more.
      succeeded(await images.run(project(), "up"));
      const state = path.join(project().dir, ".pulumi");
      await rm(state, { recursive: true });
      succeeded(await images.run(project(), "up"));
      expect((await look(project())).records.images).to.have.length(2);
    });
  });
});

/** Until the catalogue has an image of the status. */
async function until(project: Project, name: string, status: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 10) {
    const catalog = await project.region.openCatalog();
    try {
      const found = (await catalog.snapshot()).images.find((image) => image.name === name);
      if (found && (found.status === status || found.status === "active")) return;
    } finally {
      await catalog.close();
    }
    await pause(10);
  }
  throw new Error(`no image ${name} that is ${status}`);
}

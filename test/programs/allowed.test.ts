import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { look, named, outputs } from "../support/world";

describeForEngines("what the rules allow", (engine) => {
  describe("a localDisk image, its conversion, and the instance that needs it", () => {
    const project = withProject(
      {
        program: `
        const golden = new PrivateImage("golden", { instance: vm("builder"), tags: { team: "web" }, minRam: 512 });
        const cloud = new ImageConversion("cloud", { image: golden });
        const web = vm("web", "cloudDisk", { imageId: cloud.id, size: undefined });
        exports.architectures = [golden.architecture, cloud.architecture, web.architecture];
        exports.devices = [golden.deviceMappings, cloud.deviceMappings];
        exports.lineage = web.lineage;
        exports.checksums = [golden.checksum, cloud.checksum];
      `,
      },
      async (made) => {
        succeeded(await engine.run(made, "preview"));
        succeeded(await engine.run(made, "up"));
      },
    );

    it("has the architectures, devices and lineage that the rules give", async () => {
      const { resources } = await look(project());
      const out = (await outputs(project())) as {
        architectures: string[];
        devices: { device: string; kind: string; size: number }[][];
        lineage: { type: string; id: string }[];
        checksums: string[];
      };
      expect(out.architectures).to.deep.equal(["localDisk", "cloudDisk", "cloudDisk"]);
      expect(
        out.devices.map((devices) => devices.map(({ device, kind, size }) => [device, kind, size])),
      ).to.deep.equal([[["/dev/vda", "imageFile", 20]], [["/dev/vda", "snapshot", 20]]]);
      expect(out.lineage.map(({ type, id }) => [type, id]).slice(0, 3)).to.deep.equal([
        ["image", named(resources, "cloud").id],
        ["image", named(resources, "golden").id],
        ["instance", named(resources, "builder").id],
      ]);
      expect(out.lineage.at(-1)!.type).to.equal("image");
      expect(out.checksums[0]).to.match(/^sha256:[0-9a-f]{64}$/);
      expect(out.checksums[1]).to.equal(out.checksums[0]);
    });

    it("doesn't change when it is run again, and says so", async () => {
      const before = await look(project());
      const again = succeeded(await engine.run(project(), "up", "--expect-no-changes"));
      expect(again.text).to.match(/unchanged|no changes/i);
      expect(await look(project())).to.deep.equal(before);
      succeeded(await engine.run(project(), "refresh", "--expect-no-changes"));
      expect((await look(project())).records).to.deep.equal(before.records);
    });

    it("changes in place what can change, and is taken down without a trace", async () => {
      const before = (await look(project())).records.images;
      await project().write({
        program: `
          const golden = new PrivateImage("golden", { instance: vm("builder"), name: "renamed", description: "d", tags: { team: "db" } });
          const cloud = new ImageConversion("cloud", { image: golden, maxRam: 1024 });
          vm("web", "cloudDisk", { imageId: cloud.id });
        `,
      });
      succeeded(await engine.run(project(), "up"));
      const after = (await look(project())).records.images;
      expect(after.map(({ id }) => id)).to.deep.equal(before.map(({ id }) => id));
      expect(after.find(({ name }) => name === "renamed")).to.deep.include({
        description: "d",
        tags: { team: "db" },
      });
      expect(after.find(({ name }) => name === "renamed")!.minRam).to.equal(undefined);
      expect(after.find(({ name }) => name === "cloud")!.maxRam).to.equal(1024);

      const web = named((await look(project())).resources, "web");
      await project().write({
        program: `
          const builder = vm("builder");
          const golden = new PrivateImage("golden", { instance: builder, name: "renamed", description: "d", tags: { team: "db" } });
          const cloud = new ImageConversion("cloud", { image: golden, maxRam: 1024 });
          vm("web", "cloudDisk");
        `,
      });
      succeeded(await engine.run(project(), "up"));
      const rebuilt = named((await look(project())).resources, "web");
      expect(rebuilt.id).to.equal(web.id);
      expect(rebuilt.outputs!.imageId).not.to.equal(web.outputs!.imageId);

      succeeded(await engine.run(project(), "destroy"));
      const { resources, records, contents } = await look(project());
      expect(resources.filter(({ custom }) => custom)).to.deep.equal([]);
      expect(records).to.deep.equal({ images: [], instances: [], volumes: [], shares: [], exports: [] });
      expect(contents).to.deep.equal([]);
    });
  });
});

import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { describeRefusals, expectTakenDown, succeeded, withProject } from "../support/expectations";
import { describeWith } from "../support/tools";
import { idOf, look, named, outputs } from "../support/world";

describeForEngines("a replica", (engine) => {
  const program = `
    const golden = new PrivateImage("golden", { instance: vm("builder"), tags: { team: "web" }, minRam: 512 });
    const replica = new ImageReplica("replica", { image: golden });
    exports.checksums = [golden.checksum, replica.checksum];
  `;
  const project = withProject({ program }, async (made) => {
    succeeded(await engine.run(made, "preview"));
    succeeded(await engine.run(made, "up"));
  });

  it("has its source's content, architecture, OS and lineage, and settings of its own", async () => {
    const { resources } = await look(project());
    const [golden, replica] = [named(resources, "golden"), named(resources, "replica")];
    for (const inherited of ["architecture", "imageType", "osType", "osName", "minDisk", "encrypted"])
      expect(replica.outputs![inherited], inherited).to.deep.equal(golden.outputs![inherited]);
    expect(replica.outputs!.tags).to.deep.equal({});
    expect((replica.outputs!.lineage as unknown[])[0]).to.deep.include({ type: "image", id: golden.id });
    const { checksums } = (await outputs(project())) as { checksums: string[] };
    expect(checksums[1]).to.equal(checksums[0]);
  });

  it("stays when its source goes, which may be replicated again under the same name", async () => {
    const source = await idOf(project(), "golden");
    await project().write({
      program: `new ImageReplica("replica", { imageId: ${JSON.stringify(source)}, description: "kept" });`,
    });
    succeeded(await engine.run(project(), "up"));
    const { records } = await look(project());
    expect(records.images.map(({ name, description }) => [name, description])).to.deep.equal([
      ["replica", "kept"],
    ]);
    await expectTakenDown(engine, project());
  });
});

describeWith(["qemu-img"], "quick provisioning", () => {
  describeForEngines("of an image", (engine) => {
    const quick = `
      const golden = new PrivateImage("golden", { instance: vm("builder") });
      const quick = new ImageReplica("quick", { image: golden, quickProvisioning: true });
    `;
    const project = withProject(
      { program: `${quick} for (const name of ["a", "b"]) vm(name, "localDisk", { imageId: quick.id });` },
      async (made) => {
        succeeded(await engine.run(made, "preview"));
        succeeded(await engine.run(made, "up"));
      },
    );

    it("makes instances that hold only what differs from it", async () => {
      const { resources, records } = await look(project());
      expect(named(resources, "quick").outputs!.quickProvisioning).to.equal(true);
      const [content] = records.images.find(({ name }) => name === "quick")!.deviceMappings;
      for (const name of ["a", "b"]) {
        const { systemDisk } = records.instances.find((instance) => instance.name === name)!;
        expect(systemDisk.basedOn).to.deep.equal([content!.id]);
      }
    });

    it("is told of in no output", async () => {
      const { resources } = await look(project());
      expect(JSON.stringify(resources)).not.to.contain("basedOn");
    });

    it("leaves its instances as they are when the image goes, and nothing behind in the end", async () => {
      await project().write({
        program: `vm("a", "localDisk", { imageId: ubuntu }, { ignoreChanges: ["imageId"] });`,
      });
      succeeded(await engine.run(project(), "up"));
      const { records, contents } = await look(project());
      expect(records.images).to.deep.equal([]);
      const { systemDisk } = records.instances[0]!;
      expect(contents).to.have.members([systemDisk.id, ...systemDisk.basedOn!]);
      await expectTakenDown(engine, project());
    });
  });
});

describeRefusals(
  "wrong replicas",
  {
    region:
      "region: local\naccounts:\n  - name: default\n    quotas: { privateImages: 3 }\n  - name: friend\n",
    program: `
      const builder = vm("builder", "localDisk", { dataDisks: [{ size: 1 }] });
      const golden = new PrivateImage("golden", { instance: builder });
      const data = new PrivateImage("data", { instance: builder, imageType: "data", device: "/dev/vdb" });
      new ImageReplica("stated", { image: golden, architecture: "cloudDisk" });
      new ImageReplica("one-too-many", { image: golden });
      new ImageReplica("of-public", { imageId: ubuntu });
      new ImageReplica("of-nothing", {});
      new ImageReplica("of-absent", { imageId: "img-none" });
      new ImageReplica("by-another", { account: "friend", image: golden });
      new ImageReplica("quick-data", { image: data, quickProvisioning: true });
      new ImageReplica("of-instance", { imageId: builder.id });
    `,
  },
  [
    ["one that states another architecture", "stated", "architecture", "it is localDisk", "image golden"],
    [
      "one more than the account has places",
      "one-too-many",
      "imageId",
      "allows account default 3 private images",
      "raise privateImages",
    ],
    ["one of a public image", "of-public", "imageId", "only a private image can be replicated"],
    ["one of nothing", "of-nothing", "imageId", "State imageId"],
    ["one of what isn't there", "of-absent", "imageId", "There is no image img-none"],
    ["one of another account's image", "by-another", "imageId", "belongs to account default"],
    ["quick provisioning of a data image", "quick-data", "quickProvisioning", "Leave quickProvisioning out"],
    [
      "one of an instance",
      "of-instance",
      "imageId",
      "It takes the ID of a PrivateImage, an ImageConversion or an ImageReplica, and builder is an Instance",
    ],
  ],
);

import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { describeRefusals, expectTakenDown, succeeded, withProject } from "../support/expectations";
import { idOf, outputs } from "../support/world";

interface Shown {
  imageType: string;
  architecture: string;
  minDisk: number;
  deviceMappings: { device: string; kind: string; size: number }[];
}

describeForEngines("images of data disks", (engine) => {
  const project = withProject(
    {
      program: `
        const builder = vm("builder", "localDisk", { dataDisks: [{ size: 3 }, { size: 5 }] });
        const fromDevice = new PrivateImage("from-device", { instance: builder, imageType: "data", device: "/dev/vdc" });
        const fromVolume = new PrivateImage("from-volume", { volume: new Volume("disk", { size: 2 }) });
        const larger = new Volume("larger", { image: fromVolume, size: 4 });
        const same = new Volume("same", { image: fromDevice });
        exports.images = [fromDevice, fromVolume].map((image) =>
          pulumi.all([image.imageType, image.architecture, image.minDisk, image.deviceMappings])
            .apply(([imageType, architecture, minDisk, deviceMappings]) => ({ imageType, architecture, minDisk, deviceMappings })));
        exports.sizes = [larger.size, same.size];
        exports.lineage = larger.lineage;
      `,
    },
    async (made) => {
      succeeded(await engine.run(made, "preview"));
      succeeded(await engine.run(made, "up"));
    },
  );

  it("are snapshots of one disk, and make volumes of at least its size", async () => {
    const out = (await outputs(project())) as { images: Shown[]; sizes: number[] };
    expect(
      out.images.map(({ imageType, architecture, minDisk, deviceMappings }) => [
        imageType,
        architecture,
        minDisk,
        ...deviceMappings.map(({ kind, size }) => [kind, size]),
      ]),
    ).to.deep.equal([
      ["data", "localDisk", 5, ["snapshot", 5]],
      ["data", "cloudDisk", 2, ["snapshot", 2]],
    ]);
    expect(out.sizes).to.deep.equal([4, 5]);
  });

  it("stand in the lineage of what is made of them", async () => {
    const { lineage } = (await outputs(project())) as { lineage: { type: string; id: string }[] };
    expect(lineage.map(({ type, id }) => [type, id])).to.deep.equal([
      ["image", await idOf(project(), "from-volume")],
      ["volume", await idOf(project(), "disk")],
    ]);
  });

  it("change nothing when run again, and leave nothing behind", async () => {
    succeeded(await engine.run(project(), "up", "--expect-no-changes"));
    succeeded(await engine.run(project(), "refresh", "--expect-no-changes"));
    await expectTakenDown(engine, project());
  });
});

describeRefusals(
  "wrong images of data disks",
  {
    program: `
      const builder = vm("builder", "localDisk", { dataDisks: [{ size: 3 }] });
      const disk = new Volume("disk", { size: 2 });
      const of = { instance: builder, imageType: "data" };
      const data = new PrivateImage("data", { ...of, device: "/dev/vdb" });
      new PrivateImage("no-device", of);
      new PrivateImage("absent-device", { ...of, device: "/dev/vdc" });
      new PrivateImage("system-device", { ...of, device: "/dev/vda" });
      new PrivateImage("device-of-system", { instance: builder, device: "/dev/vdb" });
      new PrivateImage("device-of-volume", { volume: disk, device: "/dev/vdb" });
      new PrivateImage("full-of-volume", { volume: disk, imageType: "full" });
      new PrivateImage("os-of-data", { volume: disk, os: { osType: "linux" } });
      new PrivateImage("two-sources", { volume: disk, instance: builder });
      new PrivateImage("no-source", {});
      vm("instance-of-data", "localDisk", { imageId: data.id });
      new Volume("volume-too-small", { image: data, size: 2 });
      new Volume("volume-of-system", { image: new PrivateImage("golden", { instance: builder }) });
    `,
  },
  [
    ["one of an instance that doesn't say which disk", "no-device", "device", "/dev/vdb"],
    ["one of a device that isn't there", "absent-device", "device", "/dev/vdc", "/dev/vdb"],
    ["one of the system disk", "system-device", "device", "/dev/vda", "Make a system image"],
    ["a system image that names a device", "device-of-system", "device", 'imageType: "data"'],
    ["a volume's that names a device", "device-of-volume", "device", "Leave device out"],
    ["a full image of a volume", "full-of-volume", "imageType", "instanceId"],
    ["one that states an OS", "os-of-data", "os", "Leave os out"],
    ["one of two things", "two-sources", "instanceId", "made from one thing only", "Keep one of them"],
    ["one of nothing", "no-source", "instanceId", "imageFile"],
    ["an instance of one", "instance-of-data", "imageId", "data"],
    ["a volume smaller than its image", "volume-too-small", "size", "needs 3 GiB"],
    ["a volume of a system image", "volume-of-system", "imageId", "isn't an image of a data disk"],
  ],
);

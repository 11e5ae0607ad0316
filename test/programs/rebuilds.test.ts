import { expect } from "chai";
import { contentOf } from "../support/disk-files";
import { describeForEngines } from "../support/engines";
import { expectRefusal, expectTakenDown, refuse, succeeded, withProject } from "../support/expectations";
import { idOf, look, named } from "../support/world";

const region = `
region: local
accounts: [{ name: default }]
marketplaceImages:
  - name: Gateway 3
    publisher: Example Software
    osName: Ubuntu
    osVersion: "16.04"
`;

describeForEngines("an instance of a marketplace image", (engine) => {
  const of = (name: string): string => `
    const base = vm("base", "cloudDisk");
    const cloud = new PrivateImage("cloud", { instance: base });
    const offered = getImageOutput({ name: "Gateway 3", visibility: "marketplace" });
    const images = { offered: offered.id, ubuntu, cloud: cloud.id };
    vm("gateway", "localDisk", { imageId: images.${name}, dataDisks: [{ size: 1 }] });
  `;
  const project = withProject({ region, program: of("offered") }, async (made) => {
    succeeded(await engine.run(made, "preview"));
    succeeded(await engine.run(made, "up"));
  });
  const disk = async (device: string): Promise<string> => {
    const gateway = await idOf(project(), "gateway");
    return (await contentOf(project(), { kind: "instance", of: gateway, device })).id;
  };

  it("has that in its lineage", async () => {
    const { outputs } = named((await look(project())).resources, "gateway");
    const [image] = outputs!.lineage as { id: string; name: string }[];
    expect(image).to.deep.include({ id: outputs!.imageId, name: "Gateway 3" });
  });

  it("is rebuilt in place with another image and back: the data disk stays, the system disk doesn't", async () => {
    for (const image of ["ubuntu", "offered"]) {
      const [id, system, data] = [
        await idOf(project(), "gateway"),
        await disk("/dev/vda"),
        await disk("/dev/vdb"),
      ];
      await project().write({ program: of(image) });
      succeeded(await engine.run(project(), "preview"));
      succeeded(await engine.run(project(), "up"));
      expect(await idOf(project(), "gateway")).to.equal(id);
      expect(await disk("/dev/vdb")).to.equal(data);
      expect(await disk("/dev/vda")).not.to.equal(system);
    }
  });

  it("isn't rebuilt with an image of the other architecture: the preview refuses it", async () => {
    expectRefusal(await refuse(engine, project(), { program: of("cloud") }), [
      "gateway",
      "imageId",
      "Image cloud",
      "is a cloudDisk image and serves only",
    ]);
  });

  it("leaves nothing behind", () => expectTakenDown(engine, project()));
});

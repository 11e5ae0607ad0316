import { expect } from "chai";
import { byId, byName, golden, reasons, REGION, up, World } from "./world";

describe("an image engine", () => {
  it("makes an instance, an image of it, a conversion of that, and shares it", async () => {
    const world = new World();
    const run = world.run();
    const { instance, image } = await golden(run);
    expect(image.architectures).to.deep.equal(["localDisk"]);
    expect(image.deviceMappings).to.have.length(1);
    expect(image.deviceMappings[0]).to.include({
      device: "/dev/vda",
      kind: "imageFile",
      size: instance.systemDisk.size,
    });
    expect(image.status).to.equal("active");
    expect(image.checksum).to.match(/^sha256:/);
    expect(image.lineage.map(({ type }) => type)).to.deep.equal(["instance", "image"]);
    const converted = await up(run.engine.conversions, run.conversion("cloud", byId(image.id)));
    expect(converted.architectures).to.deep.equal(["cloudDisk"]);
    expect(converted.deviceMappings[0]).to.include({ kind: "snapshot" });
    const share = await up(run.engine.shares, run.share("to-1", byId(image.id), "team-1"));
    expect(share).to.include({ imageId: image.id, memberId: "team-1", account: "default", region: REGION });
  });

  it("knows in the preview what a planned image will inherit", async () => {
    const run = new World().run();
    const vm = await run.engine.instances.check(run.instance("vm"));
    expect(reasons(vm)).to.equal("");
    const { facts, violations } = await run.engine.images.check(
      run.image("golden", byName("vm"), { architecture: "cloudDisk" }),
    );
    expect(facts.architecture).to.equal("localDisk");
    expect(facts.osName).to.equal("CentOS");
    expect(violations.map(({ property }) => property)).to.deep.equal(["architecture"]);
  });
});

import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import {
  ImageConversion,
  ImageExport,
  ImageReplica,
  ImageShare,
  Instance,
  PrivateImage,
  Volume,
} from "../../sdk";
import { recordDeclarations, registered } from "./mocks";

describe("the resource classes", () => {
  it("store one constant line as their provider, the same in every version", async () => {
    const declared = recordDeclarations();
    await registered(
      new PrivateImage("a", {}),
      new ImageShare("b", { memberId: "m" }),
      new ImageConversion("c", {}),
      new Instance("d", { systemDisk: { type: "localDisk" } }),
      new Volume("e", {}),
      new ImageReplica("f", {}),
      new ImageExport("g", { bucketUrl: "exports" }),
    );
    expect(declared.map(({ type, inputs }) => [type, inputs.__provider])).to.have.deep.members([
      [
        "pulumi-nodejs:dynamic/images:PrivateImage",
        'exports.handler = () => require("pulumi-private-images/provider").PrivateImage;',
      ],
      [
        "pulumi-nodejs:dynamic/images:ImageShare",
        'exports.handler = () => require("pulumi-private-images/provider").ImageShare;',
      ],
      [
        "pulumi-nodejs:dynamic/images:ImageConversion",
        'exports.handler = () => require("pulumi-private-images/provider").ImageConversion;',
      ],
      [
        "pulumi-nodejs:dynamic/images:Instance",
        'exports.handler = () => require("pulumi-private-images/provider").Instance;',
      ],
      [
        "pulumi-nodejs:dynamic/images:Volume",
        'exports.handler = () => require("pulumi-private-images/provider").Volume;',
      ],
      [
        "pulumi-nodejs:dynamic/images:ImageReplica",
        'exports.handler = () => require("pulumi-private-images/provider").ImageReplica;',
      ],
      [
        "pulumi-nodejs:dynamic/images:ImageExport",
        'exports.handler = () => require("pulumi-private-images/provider").ImageExport;',
      ],
    ]);
  });

  it("pass on their own URN, which is the one that the engine gives them", async () => {
    const declared = recordDeclarations();
    class Team extends pulumi.ComponentResource {}
    const outer = new Team("my:index:Outer", "outer");
    const inner = new Team("my:index:Inner", "inner", {}, { parent: outer });
    const image = new PrivateImage("golden", {}, { parent: inner });
    await registered(image);
    const urn = await new Promise((resolve) => image.urn.apply(resolve));
    expect(declared.find(({ name }) => name === "golden")?.inputs.declaredBy).to.equal(
      "urn:pulumi:stack::project::my:index:Outer$my:index:Inner$pulumi-nodejs:dynamic/images:PrivateImage::golden",
    );
    // Pulumi's mocks leave out all but the nearest parent's type.
    expect(urn).to.match(/Inner\$pulumi-nodejs:dynamic\/images:PrivateImage::golden$/);
  });

  it("pass on arguments as they are, and nothing for those that aren't given", async () => {
    const declared = recordDeclarations();
    await registered(new PrivateImage("golden", { instanceId: "i-1", minDisk: 40 }));
    expect(Object.keys(declared[0]!.inputs).sort()).to.deep.equal([
      "__provider",
      "declaredBy",
      "instanceId",
      "minDisk",
    ]);
  });

  it("pass on the option deleteBeforeReplace only where it is set", async () => {
    const declared = recordDeclarations();
    await registered(new PrivateImage("golden", {}, { deleteBeforeReplace: true }));
    expect(declared[0]!.inputs.deleteBeforeReplace).to.equal(true);
  });

  it("pass on the option customTimeouts as timeouts, as far as the class has them and the program states none", async () => {
    const declared = recordDeclarations();
    const customTimeouts = { create: "30m", update: "5m", delete: "1m" };
    const systemDisk = { type: "localDisk" } as const;
    await registered(new PrivateImage("golden", {}, { customTimeouts }));
    await registered(new Instance("web", { systemDisk }, { customTimeouts }));
    await registered(new PrivateImage("own", { timeouts: { create: "1h" } }, { customTimeouts }));
    await registered(new PrivateImage("deleted", {}, { customTimeouts: { delete: "1m" } }));
    expect(declared.map(({ inputs }) => inputs.timeouts)).to.deep.equal([
      { create: "30m" },
      { create: "30m", update: "5m" },
      { create: "1h" },
      undefined,
    ]);
  });

  it("read an existing resource with .get, declaring nothing", async () => {
    const declared = recordDeclarations();
    await registered(PrivateImage.get("golden", "img-1"));
    expect(declared[0]).to.deep.include({ id: "img-1", name: "golden" });
    expect(Object.keys(declared[0]!.inputs)).to.deep.equal(["__provider"]);
  });
});

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { SENTINEL } from "../../../provider/lifecycle/inputs";
import type { Properties } from "../../../provider/lifecycle/lifecycle";
import { itEmbedded } from "../../support/regions/region-under-test";
import { Stack, urnOf } from "./stack";
import type { Class } from "./stack";

const UBUNTU = "img-pub-ubuntu-16-04";
const CENTOS = "img-pub-centos-7-4";
const LOCAL = { type: "localDisk", size: 20 };
const TEAM = "accounts:\n  - name: default\n  - name: web\n  - name: data\n";

describe("the lifecycle of a resource", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create(TEAM);
  });
  afterEach(() => stack.destroy());

  async function golden(args = {}): Promise<string> {
    await stack.up("Instance", "builder", { imageId: UBUNTU, systemDisk: LOCAL });
    await stack.up("PrivateImage", "golden", { instanceId: stack.state("builder").id, ...args });
    return stack.state("golden").id;
  }

  describe("check", () => {
    it("adds every fact that is known, so that later resources of a preview see them", async () => {
      const { inputs: builder } = await stack.check("Instance", "builder", {
        imageId: UBUNTU,
        systemDisk: { type: "cloudDisk" },
      });
      expect(builder).to.deep.include({
        name: "builder",
        region: "local",
        account: "default",
        architecture: "cloudDisk",
        systemDisk: { type: "cloudDisk", size: 20 },
        osType: "linux",
      });
      const { inputs: image, violations } = await stack.check("PrivateImage", "golden", {
        instanceId: SENTINEL,
        instanceDeclaredBy: urnOf("Instance", "builder"),
      });
      expect(violations).to.deep.equal([]);
      expect(image).to.deep.include({ instanceId: SENTINEL, architecture: "cloudDisk", minDisk: 20 });
    });

    it("leaves out facts that aren't known yet", async () => {
      const { inputs, violations } = await stack.check("PrivateImage", "golden", { instanceId: SENTINEL });
      expect(violations).to.deep.equal([]);
      expect(inputs).not.to.have.any.keys("architecture", "minDisk", "osType");
    });

    it("gives a new resource a token of its own, and an old one the token that it has", async () => {
      const first = await stack.check("PrivateImage", "golden", { instanceId: SENTINEL });
      const second = await stack.check("PrivateImage", "golden", { instanceId: SENTINEL });
      expect(first.inputs.creationToken).not.to.equal(second.inputs.creationToken);
      await golden();
      const again = await stack.check("PrivateImage", "golden", { instanceId: stack.state("builder").id });
      expect(again.inputs.creationToken).to.equal(stack.state("golden").inputs.creationToken);
    });

    it("judges the parts of an argument of which another part is wrong", async () => {
      const { violations } = await stack.check("Instance", "vm", {
        imageId: UBUNTU,
        systemDisk: { type: "SSD", size: 900 },
      });
      expect(violations.map(({ property }) => property)).to.have.members([
        "systemDisk.type",
        "systemDisk.size",
      ]);
    });

    it("reports everything wrong with a resource at once, types and rules alike", async () => {
      const { violations } = await stack.check("PrivateImage", "golden", {
        instanceId: "i-nowhere",
        name: " padded ",
        minDisk: "large",
        onDelete: "maybe",
        tgas: { a: "b" },
        tags: { team: 7 },
      });
      expect(violations.map(({ property }) => property)).to.have.members([
        "instanceId",
        "name",
        "minDisk",
        "onDelete",
        "tgas",
        "tags.team",
      ]);
      expect(violations.find(({ property }) => property === "tgas")?.reason).to.equal(
        "PrivateImage has no argument tgas. Did you mean tags?",
      );
    });

    it("tells a stated architecture from an inherited one, in later runs too", async () => {
      await golden();
      const args = { instanceId: stack.state("builder").id };
      stack.newRun();
      expect((await stack.check("PrivateImage", "golden", args)).violations).to.deep.equal([]);
      const stated = await stack.check("PrivateImage", "golden", { ...args, architecture: "cloudDisk" });
      expect(stated.violations.map(({ property }) => property)).to.deep.equal(["architecture"]);
      expect(await stack.up("PrivateImage", "golden", { ...args, architecture: "localDisk" })).to.equal(
        "same",
      );
    });

    it("takes region and account from the configuration where the program names none", async () => {
      stack.newRun({ "images:account": "web" });
      const web = await stack.check("Volume", "data", { size: 10 });
      expect(web.inputs).to.deep.include({ region: "local", account: "web" });
      const named = await stack.check("Volume", "data", { size: 10, account: "data" });
      expect(named.inputs).to.deep.include({ account: "data" });
    });

    it("takes the first account of another region where the program names that region only", async () => {
      await stack.applyRegion(`${TEAM}---\nregion: north\naccounts: [{ name: owner }, { name: web }]\n`);
      stack.newRun({ "images:account": "web" });
      const there = await stack.check("Volume", "data", { size: 10, region: "north" });
      expect(there.violations).to.deep.equal([]);
      expect(there.inputs).to.deep.include({ region: "north", account: "owner" });
      const here = await stack.check("Volume", "here", { size: 10, region: "local" });
      expect(here.inputs).to.deep.include({ region: "local", account: "web" });
      const later = await stack.check("Volume", "later", { size: 10, region: SENTINEL });
      expect(later.violations).to.deep.equal([]);
      expect(later.inputs).not.to.have.property("account");
    });

    for (const [config, message] of [
      [{ "images:acount": "web" }, /^images:acount: .* Did you mean images:account\?/],
      [
        { "images:region": "mars" },
        /^images:region: There is no region mars at this endpoint, which serves local/,
      ],
      [
        { "images:account": "nobody" },
        /^images:account: Region local has no account nobody. Its accounts are/,
      ],
      [
        { "images:endpoint": "s3://bucket" },
        /^images:endpoint: The endpoint s3:\/\/bucket is neither a folder/,
      ],
      [
        { "images:endpoint": __filename },
        /^images:endpoint: .* is a file\. Set images:endpoint to the folder/,
      ],
    ] as [Properties, RegExp][]) {
      it(`fails as a whole where the configuration is ${JSON.stringify(config)}`, async () => {
        stack.newRun(config);
        await rejects(stack.check("Volume", "data", { size: 10 }), message);
      });
    }

    itEmbedded("fails where the endpoint that a resource is to be in was never made", async () => {
      const id = await golden();
      const args = { instanceId: stack.state("builder").id };
      stack.newRun({ "images:endpoint": join(stack.folder, "nowhere") });
      await rejects(stack.check("PrivateImage", "golden", args), /nowhere failed: there is none/);
      stack.newRun();
      expect((await stack.check("PrivateImage", "golden", args)).violations).to.deep.equal([]);
      expect(stack.state("golden").id).to.equal(id);
    });

    it("refuses both spellings of one argument, and IDs of resources of another class", async () => {
      const { violations: both } = await stack.check("ImageShare", "share", {
        image: "img-1",
        imageId: UBUNTU,
        memberId: "web",
      });
      expect(both).to.deep.equal([
        { property: "imageId", reason: "image and imageId say the same thing. State one of them." },
      ]);
      const { violations: another } = await stack.check("ImageShare", "share", {
        imageId: SENTINEL,
        imageDeclaredBy: urnOf("Instance", "builder"),
        memberId: "web",
      });
      expect(another.map(({ reason }) => reason)).to.deep.equal([
        "It takes the ID of a PrivateImage, an ImageConversion or an ImageReplica, and builder is an Instance. Name another resource.",
      ]);
    });

    it("treats null as not given", async () => {
      const { inputs, violations } = await stack.check("Volume", "data", {
        size: 10,
        tags: null,
        imageId: null,
      });
      expect(violations).to.deep.equal([]);
      expect(inputs).not.to.have.any.keys("tags", "imageId");
    });
  });

  describe("of a run with the same program", () => {
    it("changes nothing, for every kind of resource", async () => {
      const run = async () => {
        const done = [
          await stack.up("Instance", "builder", { imageId: UBUNTU, systemDisk: { type: "localDisk" } }),
          await stack.up("PrivateImage", "golden", {
            instanceId: stack.state("builder").id,
            tags: { a: "b" },
          }),
          await stack.up("ImageConversion", "cloud", { imageId: stack.state("golden").id }),
          await stack.up("ImageShare", "share", { imageId: stack.state("golden").id, memberId: "web" }),
          await stack.up("Volume", "data", { size: 10 }),
          await stack.up("Instance", "web", {
            imageId: stack.state("cloud").id,
            systemDisk: { type: "cloudDisk" },
            dataDisks: [{ size: 5 }],
          }),
          await stack.up("PrivateImage", "of-device", {
            instanceId: stack.state("web").id,
            imageType: "data",
            device: "/dev/vdb",
          }),
          await stack.up("ImageReplica", "replica", { imageId: stack.state("cloud").id }),
          await stack.up("ImageExport", "export", {
            imageId: stack.state("of-device").id,
            bucketUrl: join(stack.folder, "exports"),
            fileFormat: "raw",
          }),
        ];
        stack.newRun();
        return done;
      };
      expect(await run()).to.deep.equal(new Array(9).fill("create"));
      const before = JSON.stringify([...stack.states]);
      expect(await run()).to.deep.equal(new Array(9).fill("same"));
      expect(JSON.stringify([...stack.states])).to.equal(before);
    });

    it("changes nothing after a refresh either, for every kind of resource", async () => {
      const program: [Class, string, () => Properties][] = [
        ["Instance", "builder", () => ({ imageId: UBUNTU, systemDisk: LOCAL })],
        ["PrivateImage", "golden", () => ({ instanceId: stack.state("builder").id, description: "ours" })],
        ["ImageConversion", "cloud", () => ({ imageId: stack.state("golden").id, minRam: 512 })],
        ["ImageShare", "share", () => ({ imageId: stack.state("golden").id, memberId: "web" })],
        ["Volume", "data", () => ({ size: 1, tags: { a: "b" } })],
        ["PrivateImage", "of-volume", () => ({ volumeId: stack.state("data").id, imageType: "data" })],
        ["ImageReplica", "replica", () => ({ imageId: stack.state("golden").id, name: "copy" })],
        [
          "ImageExport",
          "export",
          () => ({
            imageId: stack.state("of-volume").id,
            bucketUrl: join(stack.folder, "exports"),
            fileFormat: "raw",
            deleteObjects: true,
          }),
        ],
      ];
      for (const [type, name, args] of program) await stack.up(type, name, args());
      stack.newRun();
      for (const [type, name] of program) {
        const { id, inputs, outputs } = stack.state(name);
        const read = await stack.read(type, id, outputs);
        expect(read).to.deep.equal({ id, inputs, outputs });
        stack.states.set(name, read!);
      }
      for (const [type, name, args] of program) {
        expect(await stack.up(type, name, args()), name).to.equal("same");
      }
    });
  });

  describe("update", () => {
    it("changes an image's settings in place, and takes back those that aren't stated any more", async () => {
      const id = await golden({ description: "ours", tags: { a: "b" }, minRam: 512, sriovDriver: true });
      const args = { instanceId: stack.state("builder").id };
      expect(await stack.up("PrivateImage", "golden", { ...args, name: "renamed" })).to.equal("update");
      expect(stack.state("golden").id).to.equal(id);
      expect(stack.state("golden").outputs).to.deep.include({
        name: "renamed",
        description: "",
        tags: {},
        sriovDriver: false,
      });
      expect(stack.state("golden").outputs).not.to.have.property("minRam");
    });

    it("rebuilds an instance in place with another image", async () => {
      await stack.up("Instance", "web", { imageId: UBUNTU, systemDisk: { type: "localDisk" } });
      const { id } = stack.state("web");
      expect(
        await stack.up("Instance", "web", { imageId: CENTOS, systemDisk: { type: "localDisk" } }),
      ).to.equal("update");
      expect(stack.state("web").id).to.equal(id);
      expect(stack.state("web").outputs).to.deep.include({ imageId: CENTOS, osName: "CentOS" });
    });

    it("records a changed onDelete, which delete finds in the outputs", async () => {
      await golden();
      const args = { instanceId: stack.state("builder").id, onDelete: "retain" };
      expect(await stack.up("PrivateImage", "golden", args)).to.equal("update");
      expect(stack.state("golden").outputs.onDelete).to.equal("retain");
    });
  });

  describe("diff", () => {
    const replacing: [string, (id: string) => Properties, string[]][] = [
      ["another source", () => ({ instanceId: "i-other" }), ["instanceId"]],
      ["a source that isn't known yet", () => ({ instanceId: SENTINEL }), ["instanceId"]],
      ["another account", (instanceId) => ({ instanceId, account: "web" }), ["account"]],
    ];
    for (const [title, args, replaces] of replacing) {
      it(`replaces an image for ${title}`, async () => {
        await golden();
        const { id, outputs } = stack.state("golden");
        const { inputs } = await stack.check("PrivateImage", "golden", args(stack.state("builder").id));
        expect(stack.lifecycle("PrivateImage").diff(id, outputs, inputs)).to.deep.equal({
          changes: true,
          replaces,
          deleteBeforeReplace: false,
        });
      });
    }

    it("rebuilds an instance whose image isn't known yet, since it is being replaced", async () => {
      await stack.up("Instance", "web", { imageId: UBUNTU, systemDisk: { type: "localDisk" } });
      const { id, outputs } = stack.state("web");
      const { inputs } = await stack.check("Instance", "web", {
        imageId: SENTINEL,
        systemDisk: { type: "localDisk" },
      });
      expect(stack.lifecycle("Instance").diff(id, outputs, inputs)).to.deep.include({
        changes: true,
        replaces: [],
      });
    });

    it("says deleteBeforeReplace where the program does", async () => {
      await golden();
      const { id, outputs } = stack.state("golden");
      const { inputs } = await stack.check("PrivateImage", "golden", {
        instanceId: SENTINEL,
        deleteBeforeReplace: true,
      });
      expect(stack.lifecycle("PrivateImage").diff(id, outputs, inputs).deleteBeforeReplace).to.equal(true);
    });

    it("passes over what only helps to find things again: URNs, tokens, the option deleteBeforeReplace", async () => {
      await golden();
      expect(
        await stack.up("PrivateImage", "golden", {
          instanceId: stack.state("builder").id,
          instanceDeclaredBy: urnOf("Instance", "builder"),
          declaredBy: urnOf("PrivateImage", "renamed-by-an-alias"),
          name: "golden",
          deleteBeforeReplace: true,
        }),
      ).to.equal("same");
    });
  });

  describe("timeouts", () => {
    it("are refused in the preview where they are no durations, or of an operation that takes no time", async () => {
      const { violations } = await stack.check("PrivateImage", "golden", {
        instanceId: SENTINEL,
        timeouts: { create: "soon", update: "5m" },
      });
      expect(violations.map(({ property }) => property)).to.have.members([
        "timeouts.create",
        "timeouts.update",
      ]);
    });

    it("change nothing by themselves, and are judged of what stands too", async () => {
      await golden({ timeouts: { create: "1h" } });
      const instanceId = stack.state("builder").id;
      for (const timeouts of [{ create: "2h" }, undefined]) {
        expect(await stack.up("PrivateImage", "golden", { instanceId, timeouts })).to.equal("same");
      }
      const { violations } = await stack.check("PrivateImage", "golden", {
        instanceId,
        timeouts: { create: "0s" },
      });
      expect(violations.map(({ property }) => property)).to.deep.equal(["timeouts.create"]);
    });
  });

  describe("read", () => {
    it("says that a resource is gone where it is, and nothing else does", async () => {
      const id = await golden();
      const { outputs } = stack.state("golden");
      const lifecycle = stack.lifecycle("PrivateImage");
      expect(await stack.read("PrivateImage", id, outputs)).to.have.property("id", id);
      await lifecycle.delete(id, outputs);
      expect(await stack.read("PrivateImage", id, outputs)).to.equal(undefined);
    });

    it("shows what was changed outside of the program, and the next run puts it right", async () => {
      const id = await golden();
      const { inputs, outputs } = stack.state("golden");
      const lifecycle = stack.lifecycle("PrivateImage");
      await lifecycle.update(id, outputs, { ...inputs, name: "changed-elsewhere" });
      stack.newRun();
      const read = (await stack.read("PrivateImage", id, outputs))!;
      expect(read.outputs.name).to.equal("changed-elsewhere");
      stack.states.set("golden", { ...read });
      expect(await stack.up("PrivateImage", "golden", { instanceId: stack.state("builder").id })).to.equal(
        "update",
      );
      expect(stack.state("golden").outputs.name).to.equal("golden");
    });

    it("gets an image of another program by its ID", async () => {
      const id = await golden();
      stack.newRun();
      const read = await stack.read("PrivateImage", id, { __provider: "text" });
      expect(read?.outputs).to.deep.include({ name: "golden", architecture: "localDisk" });
    });

    it("fails to get what doesn't exist, or is no private image", async () => {
      await rejects(
        stack.read("PrivateImage", "img-nowhere", {}),
        /no image img-nowhere that account default sees in region local/,
      );
      await rejects(stack.read("PrivateImage", UBUNTU, {}), /offered to every account.*getImage/);
    });
  });

  describe("delete", () => {
    it("succeeds for what is gone already", async () => {
      const id = await golden();
      const { outputs } = stack.state("golden");
      await stack.lifecycle("PrivateImage").delete(id, outputs);
      await stack.lifecycle("PrivateImage").delete(id, outputs);
    });

    it("leaves standing what another resource has taken over since", async () => {
      const id = await golden({ onDelete: "retain" });
      const { outputs } = stack.state("golden");
      await stack.lifecycle("PrivateImage").delete(id, outputs);
      stack.newRun();
      await stack.up("PrivateImage", "heir", { adoptId: id });
      await stack.lifecycle("PrivateImage").delete(id, { ...outputs, onDelete: "refuse" });
      stack.newRun();
      expect(await stack.read("PrivateImage", id, stack.state("heir").outputs)).to.have.property("id", id);
    });

    it("refuses an image with members, unless the program settled it in advance", async () => {
      const id = await golden();
      await stack.up("ImageShare", "share", { imageId: id, memberId: "web" });
      const { outputs } = stack.state("golden");
      await rejects(stack.lifecycle("PrivateImage").delete(id, outputs), /web/);
      await stack.lifecycle("PrivateImage").delete(id, { ...outputs, onDelete: "unshare" });
      const share = stack.state("share");
      expect(await stack.read("ImageShare", share.id, share.outputs)).to.equal(undefined);
    });
  });

  describe("with adoptId", () => {
    it("takes over an image that stands, as it is, and keeps it when adoptId is dropped", async () => {
      const id = await golden({ description: "ours", name: "golden", onDelete: "retain" });
      await stack.lifecycle("PrivateImage").delete(id, stack.state("golden").outputs);
      stack.states.delete("golden");
      stack.newRun();
      expect(await stack.up("PrivateImage", "golden", { adoptId: id })).to.equal("create");
      expect(stack.state("golden")).to.have.property("id", id);
      expect(stack.state("golden").outputs).to.deep.include({ description: "ours" });
      stack.newRun();
      expect(await stack.up("PrivateImage", "golden", { adoptId: id })).to.equal("same");
      expect(
        await stack.up("PrivateImage", "golden", {
          instanceId: stack.state("builder").id,
          description: "ours",
        }),
      ).to.equal("same");
    });
  });

  it("puts right what a lost update left: the same change is found again", async () => {
    await golden();
    const { id, inputs, outputs } = stack.state("golden");
    await stack.lifecycle("PrivateImage").update(id, outputs, { ...inputs, description: "ours" });
    // The run died before its state was written.
    stack.newRun();
    const args = { instanceId: stack.state("builder").id, description: "ours" };
    expect(await stack.up("PrivateImage", "golden", args)).to.equal("update");
    expect(await stack.up("PrivateImage", "golden", args)).to.equal("same");
  });

  it("reports a change that failed half-way with what stands", async () => {
    const lifecycle = stack.lifecycle("PrivateImage");
    const id = await golden();
    const { inputs, outputs } = stack.state("golden");
    await lifecycle.update(id, outputs, { ...inputs, description: "changed elsewhere" });
    const error = await rejects(
      lifecycle.update(id, outputs, { ...inputs, name: " bad " }),
      /can't be a name/,
    );
    expect(error).to.have.nested.property("properties.description", "changed elsewhere");
    expect(error).to.have.property("id", id);
  });

  itEmbedded("calls nothing gone that a wrong endpoint doesn't hold", async () => {
    const id = await golden();
    const { outputs } = stack.state("golden");
    stack.newRun({ "images:endpoint": join(stack.folder, "nowhere") });
    const message = /Looking for the region at .*nowhere failed: there is none\. See images:endpoint/;
    await rejects(stack.read("PrivateImage", id, outputs), message);
    await rejects(stack.lifecycle("PrivateImage").delete(id, outputs), message);
  });

  itEmbedded("doesn't call what it can't read gone", async () => {
    const id = await golden();
    const { outputs } = stack.state("golden");
    await stack.closed();
    await writeFile(join(stack.endpoint, "catalog.db"), "no database".repeat(1000));
    await rm(join(stack.endpoint, "catalog.db-wal"), { force: true });
    await rejects(stack.read("PrivateImage", id, outputs), /./);
  });
});

async function rejects(promise: Promise<unknown>, message: RegExp): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error, "a failure").to.be.an("error");
  expect(error!.message).to.match(message);
  return error!;
}

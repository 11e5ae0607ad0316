import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { readBytes, withDisk } from "../support/disk-files";
import { describeForEngines, runImages } from "../support/engines";
import {
  describeRefusals,
  expectRefusal,
  expectTakenDown,
  refuse,
  succeeded,
  withProject,
} from "../support/expectations";
import { describeWith } from "../support/tools";
import { idOf, look, named, outputs, stateFile } from "../support/world";

describeWith(["qemu-img"], "encrypted images", () => {
  describeForEngines("and what is made of them", (engine) => {
    const program = `
      const golden = new PrivateImage("golden", { instance: vm("builder", "localDisk", { dataDisks: [{ size: 1 }] }) });
      const sealed = new ImageReplica("sealed", { image: golden, encrypted: true });
      const vault = new Instance("vault", { image: sealed, systemDisk: { type: "localDisk" }, dataDisks: [{ size: 1 }] });
      new PrivateImage("of-vault", { instance: vault });
      new ImageConversion("cloud", { image: sealed });
      const data = new PrivateImage("data", { instance: vault, imageType: "data", device: "/dev/vdb" });
      new Volume("disk", { image: data });
    `;
    const region = "region: local\naccounts: [{ name: default }]\nquotas: { privateImages: 10 }\n";
    const project = withProject({ region, program }, async (made) => {
      succeeded(await engine.run(made, "preview"));
      succeeded(await engine.run(made, "up"));
    });
    const keyId = async (): Promise<string> =>
      named((await look(project())).resources, "sealed").outputs!.kmsKeyId as string;
    const keys = (...args: string[]) => runImages(project(), "keys", ...args, "--stack", "dev");

    it("are encrypted under one master key, each with a data key of its own", async () => {
      const { resources, records } = await look(project());
      const sealed = ["sealed", "of-vault", "cloud", "data"];
      for (const name of [...sealed, "vault", "disk"])
        expect(named(resources, name).outputs!.encrypted, name).to.equal(true);
      const keyIds = sealed.map((name) => named(resources, name).outputs!.kmsKeyId);
      expect(new Set(keyIds)).to.deep.equal(new Set([await keyId()]));
      expect(named(resources, "golden").outputs!).to.not.have.property("kmsKeyId");
      const wrapped = [...records.images, ...records.instances, ...records.volumes]
        .filter(({ encrypted }) => encrypted)
        .map(({ wrappedKey }) => wrappedKey);
      expect(wrapped).to.have.lengthOf(6);
      expect(new Set(wrapped).size).to.equal(6);
    });

    it("never show a data key, wrapped or not, in the state", async () => {
      const { records } = await look(project());
      const state = await readFile(stateFile(project()), "utf8");
      for (const { wrappedKey } of records.images) if (wrappedKey) expect(state).not.to.contain(wrappedKey);
      expect(state).not.to.contain("wrappedKey");
    });

    it("change nothing when run again", async () => {
      succeeded(await engine.run(project(), "up", "--expect-no-changes"));
      succeeded(await engine.run(project(), "refresh", "--expect-no-changes"));
    });

    it("make nothing more while their key is disabled, which the preview says; nothing is lost", async () => {
      const id = await keyId();
      const further = `${program} new Instance("late", { image: sealed, systemDisk: { type: "localDisk" } });
        new ImageReplica("opened", { image: sealed, encrypted: false });
        new ImageReplica("again", { image: golden, encrypted: true });`;
      succeeded(await keys("disable", id));
      expectRefusal(
        await refuse(engine, project(), { program: further }),
        ["late", "imageId", "Image sealed", "is disabled", `images keys enable ${id}`],
        ["opened", "imageId", "Image sealed", "is disabled"],
        ["again", "kmsKeyId", id, "is disabled", `images keys enable ${id}`],
      );
      succeeded(await keys("delete", id, "--days", "7", "--yes"));
      const until = ["is scheduled for deletion", `images keys restore ${id}`] as const;
      expectRefusal(
        await refuse(engine, project()),
        ["late", "imageId", ...until],
        ["opened", "imageId", ...until],
        ["again", "kmsKeyId", ...until],
      );
      succeeded(await keys("restore", id));
      succeeded(await keys("enable", id));
      succeeded(await keys("rotate", id));
      succeeded(await engine.run(project(), "up"));
      expect(named((await look(project())).resources, "opened").outputs!.encrypted).to.equal(false);
    });

    it("stand whole after a rotation of their key that was cut off, and is carried on", async () => {
      const id = await keyId();
      const dying = {
        ...project(),
        env: { ...project().env, PULUMI_PRIVATE_IMAGES_KILL_AT: "data-key-rewrapped#3" },
      };
      const before = await project().region.contents();
      expect((await runImages(dying, "keys", "rotate", id, "--stack", "dev")).code).not.to.equal(0);
      succeeded(await keys("rewrap", id));
      const [key] = JSON.parse(succeeded(await keys("list", "--json")).stdout);
      expect(key.older).to.equal(0);
      const { images, instances, volumes } = (await look(project())).records;
      const wrapped = [...images, ...instances, ...volumes].flatMap(({ wrappedKey }) => wrappedKey ?? []);
      for (const text of wrapped) expect(text).to.contain(`v1.${id}.${key.version}.`);
      expect(await project().region.contents()).to.deep.equal(before);
      succeeded(await engine.run(project(), "up", "--expect-no-changes"));
    });

    it("change in place and go while their key is disabled", async () => {
      succeeded(await keys("disable", await keyId()));
      const described = program.replace("encrypted: true }", 'encrypted: true, description: "sealed" }');
      await project().write({ program: described });
      succeeded(await engine.run(project(), "up"));
      await expectTakenDown(engine, project());
    });
  });
});

describeWith(["qemu-img"], "a file that is encrypted as it comes in", () => {
  describeForEngines("under a key that the program names", (engine) => {
    const MARK = "a line that no one else is to read";
    const project = withProject({}, async (made) => {
      await writeFile(path.join(made.dir, "disk.raw"), Buffer.alloc(2 ** 20, MARK));
      const ids: string[] = [];
      for (const name of ["main", "tenant"]) {
        const { stdout } = succeeded(
          await runImages(made, "keys", "create", "--name", name, "--stack", "dev"),
        );
        ids.push(/key-\w+/.exec(stdout)![0]);
      }
      await made.write({
        program: `
          const imported = new PrivateImage("imported", { imageFile: "disk.raw", imageType: "data", encrypted: true, kmsKeyId: "${ids[1]}" });
          new Volume("disk", { image: imported });
          exports.keys = [imported.kmsKeyId, "${ids[1]}"];
        `,
      });
      succeeded(await engine.run(made, "preview"));
      succeeded(await engine.run(made, "up"));
    });

    it("is sealed under that and not under the default one", async () => {
      const { keys } = (await outputs(project())) as { keys: string[] };
      expect(keys[0]).to.equal(keys[1]);
    });

    it("can be read in no file of the region, and in what is made of it by who has the key", async () => {
      for await (const { name, bytes } of project().region.stored())
        expect(bytes.includes(MARK), name).to.equal(false);
      const disk = { kind: "volume", of: await idOf(project(), "disk") } as const;
      const read = await withDisk(project(), disk, (file) => readBytes(file, 0, MARK.length));
      expect(read.toString()).to.equal(MARK);
      await expectTakenDown(engine, project());
    });
  });
});

describeRefusals(
  "what can't be encrypted, and what encrypted images aren't for",
  {
    region: "region: local\naccounts: [{ name: default }, { name: friend }]\nquotas: { privateImages: 20 }\n",
    program: `
      const builder = vm("builder", "localDisk", { dataDisks: [{ size: 1 }] });
      const golden = new PrivateImage("golden", { instance: builder });
      const sealed = new ImageReplica("sealed", { image: golden, encrypted: true });
      const vault = new Instance("vault", { image: sealed, systemDisk: { type: "localDisk" }, dataDisks: [{ size: 1 }] });
      new ImageShare("shared", { image: sealed, memberId: "friend" });
      new ImageExport("exported", { image: sealed, bucketUrl: "exports" });
      new PrivateImage("full", { instance: vault, imageType: "full" });
      new PrivateImage("opened", { instance: vault, encrypted: false });
      new PrivateImage("closed", { instance: builder, encrypted: true });
      new PrivateImage("key-of-plain", { instance: builder, kmsKeyId: "key-1" });
      new ImageReplica("key-of-none", { image: golden, kmsKeyId: "key-1" });
      new ImageReplica("no-such-key", { image: golden, encrypted: true, kmsKeyId: "key-1" });
      new ImageReplica("quick", { image: sealed, quickProvisioning: true });
    `,
  },
  [
    ["a share", "shared", "imageId", "sealed (planned in this run)", "encrypted"],
    ["an export", "exported", "imageId", "it is encrypted", "encrypted: false"],
    ["a full image", "full", /imageType|instanceId/, "encrypted", "data image"],
    ["an image that states otherwise than its source", "opened", "encrypted", "is encrypted"],
    ["an image of what isn't encrypted", "closed", "encrypted", "isn't encrypted", "ImageReplica"],
    ["a key for an image that isn't", "key-of-plain", "kmsKeyId", "what isn't encrypted"],
    ["a key for a replica that isn't", "key-of-none", "kmsKeyId", "what isn't encrypted"],
    ["a key that isn't there", "no-such-key", "kmsKeyId", "There is no master key key-1", "images keys list"],
    ["quick provisioning", "quick", "quickProvisioning", "can't have quick provisioning"],
  ],
);

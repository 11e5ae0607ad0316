import { expect } from "chai";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDocument } from "yaml";
import type { ExportedObject } from "../../sdk";
import { images, pulumi, runImages } from "../support/engines";
import type { Engine } from "../support/engines";
import { copyExample } from "../support/example";
import { succeeded } from "../support/expectations";
import type { Project } from "../support/project";
import { pulumiHome, randomPlugin } from "../support/random-plugin";
import { isInstalled } from "../support/tools";
import { describeWithS3, S3Server } from "../support/s3-server";

type Outputs = Record<string, unknown>;

async function deploy(engine: Engine, project: Project): Promise<Outputs> {
  succeeded(await engine.run(project, "preview"));
  succeeded(await engine.run(project, "up", "--skip-preview"));
  succeeded(await engine.run(project, "up", "--skip-preview", "--expect-no-changes"));
  return JSON.parse(
    succeeded(await runImages(project, "stack", "output", "--json", "--stack", "dev")).stdout,
  );
}

async function destroy(engine: Engine, project: Project): Promise<void> {
  succeeded(await engine.run(project, "destroy"));
  const left = succeeded(await runImages(project, "list", "--visibility", "private", "--stack", "dev"));
  expect(left.stdout).not.to.match(/img-/);
}

const everywhere = (): boolean => true;
/** Encrypted disks and disks stored as differences. */
const withDiskTool = (): boolean => isInstalled("qemu-img");

const STORIES: [
  example: string,
  runs: (engine: Engine) => boolean,
  outcome: (project: Project, outputs: Outputs) => unknown,
][] = [
  [
    "quickstart",
    (engine) => engine === images || randomPlugin() !== undefined,
    async (project, outputs) => {
      expect(outputs.architecture).to.equal("localDisk");
      expect(outputs.imageName).to.match(/^golden-[a-z]+-[a-z]+$/);
      const list = succeeded(await runImages(project, "list", "--visibility", "private", "--stack", "dev"));
      expect(list.stdout).to.contain(outputs.imageId).and.to.contain(outputs.imageName);
    },
  ],
  [
    "share-with-a-team",
    everywhere,
    async (project, outputs) => {
      expect(outputs.sharedWith).to.deep.equal(["web", "data", "mobile"]);
      const list = ["list", "--visibility", "shared", "--account", "data", "--stack", "dev"];
      expect(succeeded(await runImages(project, ...list)).stdout).to.contain(outputs.imageId);
    },
  ],
  [
    "local-to-cloud",
    everywhere,
    (_, outputs) => {
      const { local, cloud, lineage } = outputs as Record<string, Record<string, string>> & {
        lineage: { id: string }[];
      };
      expect(local!.architecture).to.equal("localDisk");
      expect(cloud!.architecture).to.equal("cloudDisk");
      expect(lineage[0]!.id).to.equal(local!.id);
      expect(lineage.at(-1)!.id).to.equal("img-pub-ubuntu-16-04");
    },
  ],
  ["ci-preview", everywhere, (_, outputs) => expect(outputs.imageIds).to.have.lengthOf(2)],
  [
    "encrypted-golden-image",
    withDiskTool,
    (_, outputs) => {
      const { sealedImage, vaultEncrypted, openedEncrypted } = outputs as Record<
        string,
        Record<string, unknown>
      >;
      expect(sealedImage!.encrypted).to.equal(true);
      expect(sealedImage!.kmsKeyId).to.match(/^key-/);
      expect([vaultEncrypted, openedEncrypted]).to.deep.equal([true, false]);
    },
  ],
  [
    "full-backup",
    withDiskTool,
    (_, outputs) => {
      expect(outputs.imageIds).to.have.lengthOf(2);
      expect(outputs.devices).to.deep.equal([
        { device: "/dev/vda", size: 40 },
        { device: "/dev/vdb", size: 100 },
      ]);
    },
  ],
  [
    "export-to-bucket",
    withDiskTool,
    async (project, outputs) => {
      const [{ name, sizeBytes }] = outputs.objects as [ExportedObject];
      expect(name).to.match(/^golden-img-[0-9a-f]+-vda\.qcow2$/);
      expect((await stat(path.join(project.dir, "exports", name))).size).to.equal(sizeBytes);
      expect(outputs.drift).to.deep.equal([]);
    },
  ],
];

for (const engine of [images, pulumi]) {
  for (const [example, runs, outcome] of STORIES) {
    (engine.available && runs(engine) ? describe : describe.skip)(
      `the example ${example} (${engine.name})`,
      () => {
        it("previews, deploys, has no changes then, and is taken down", async () => {
          const project = await copyExample(example, engine === pulumi ? { PULUMI_HOME: pulumiHome } : {}, {
            inRegion: true,
          });
          try {
            await outcome(project, await deploy(engine, project));
            await destroy(engine, project);
          } finally {
            await project.remove();
          }
        });
      },
    );
  }
}

describeWithS3("the example export-to-bucket, with a bucket", () => {
  (withDiskTool() ? it : it.skip)("writes the image there, where it stays", async () => {
    const server = await S3Server.shared();
    const project = await copyExample("export-to-bucket", server.env, { inRegion: true });
    try {
      const bucket = await server.newBucket();
      const file = path.join(project.dir, "Pulumi.dev.yaml");
      const stack = parseDocument(await readFile(file, "utf8"));
      stack.setIn(["config", "export-to-bucket:bucketUrl"], `s3://${bucket}/images`);
      await writeFile(file, String(stack));
      const { objects } = (await deploy(images, project)) as { objects: ExportedObject[] };
      await destroy(images, project);
      expect(await server.keys(bucket)).to.deep.equal(objects.map(({ name }) => name));
    } finally {
      await project.remove();
    }
  });
});

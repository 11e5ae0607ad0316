import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type * as TypeScript from "typescript";

const SDK = join(__dirname, "../../sdk");

const PROGRAM = `
import { Instance, PrivateImage, ImageShare, ImageConversion, ImageReplica, ImageExport, ImageResource, Volume, getImageOutput } from ${JSON.stringify(SDK)};
const ubuntu = getImageOutput({ nameRegex: "^Ubuntu" });
const builder = new Instance("builder", { imageId: ubuntu.id, systemDisk: { type: "localDisk", size: 40 } });
const golden = new PrivateImage("golden", { instance: builder, tags: { team: "web" } }, { protect: true });
new ImageShare("share", { image: golden, memberId: "web" });
const cloud = new ImageConversion("cloud", { imageId: golden.id });
const sealed: ImageResource = new ImageReplica("sealed", { image: cloud, encrypted: true });
new ImageExport("export", { image: cloud, bucketUrl: "exports", fileFormat: "qcow2" });
const backup = new PrivateImage("backup", { instance: builder, imageType: "full" });
const imported = new PrivateImage("imported", { imageFile: "disk.qcow2", fileFormat: "qcow2", os: { osType: "linux" } });
new Volume("copy", { image: new PrivateImage("data", { instance: builder, imageType: "data", device: builder.devices[1].device }) });
export const keys = [sealed.kmsKeyId, backup.kmsKeyId, imported.deviceMappings[0].id];
export const architecture = golden.architecture;
`;

describe("the types of the package", () => {
  it("are understood by the TypeScript 3.8 that Pulumi brings along", () => {
    const vendor = join(dirname(require.resolve("@pulumi/pulumi")), "vendor");
    const [version] = readdirSync(vendor).filter((name) => name.startsWith("typescript@3.8"));
    const ts: typeof TypeScript = require(join(vendor, version!, "typescript.js"));
    const folder = mkdtempSync(join(tmpdir(), "images-types-"));
    try {
      const file = join(folder, "index.ts");
      writeFileSync(file, PROGRAM);
      const program = ts.createProgram([file], {
        noEmit: true,
        strict: true,
        target: ts.ScriptTarget.ES2018,
        module: ts.ModuleKind.CommonJS,
        moduleResolution: 2,
        skipLibCheck: true,
        types: [],
      });
      const ours = ts
        .getPreEmitDiagnostics(program)
        .filter(({ file: at }) => at && !at.fileName.includes("node_modules"))
        .map(({ file: at, messageText }) => [
          at!.fileName,
          ts.flattenDiagnosticMessageText(messageText, "\n"),
        ]);
      expect(ours).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { dynamicProvider } from "../../provider/dynamic-provider";
import { Fault, ViolationError } from "../../provider/engine/violation";
import { ConfiguredRegion } from "../../provider/lifecycle/configured-region";
import { PartialFailure } from "../../provider/lifecycle/lifecycle";
import type { Lifecycle } from "../../provider/lifecycle/lifecycle";
import { providerText } from "../../sdk/region-resource";

const ROOT = join(__dirname, "../..");
const CLASSES = ["PrivateImage", "ImageShare", "ImageConversion", "Instance", "Volume"];

describe("the provider in Pulumi's dynamic-provider process", () => {
  it("is loaded from the program's folder by the text in the state, one engine for all classes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "images-provider-"));
    try {
      await asInstalled(folder);
      const host = `
        const load = require(${JSON.stringify(require.resolve("require-from-string", { paths: [dirname(require.resolve("@pulumi/pulumi"))] }))});
        const texts = ${JSON.stringify(CLASSES.map(providerText))};
        const config = { rawConfig: { "images:account": "default" } };
        (async () => {
          const verbs = [];
          for (const text of texts) {
            const provider = load(text).handler();
            await provider.configure({ config });
            verbs.push(Object.keys(provider).sort().join());
          }
          const declaredBy = "urn:pulumi:s::p::pulumi-nodejs:dynamic/images:Instance::builder";
          const instance = await load(texts[3]).handler().check({}, { __provider: texts[3], declaredBy,
            imageId: "img-pub-ubuntu-16-04", systemDisk: { type: "cloudDisk" } });
          const image = await load(texts[0]).handler().check({}, { __provider: texts[0],
            declaredBy: "urn:pulumi:s::p::pulumi-nodejs:dynamic/images:PrivateImage::golden",
            instanceId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", instanceDeclaredBy: declaredBy });
          const wrong = await load(texts[4]).handler().check({}, { __provider: texts[4], declaredBy, size: "secret" });
          console.log(JSON.stringify({ verbs, failures: [instance.failures, image.failures, wrong.failures],
            architecture: image.inputs.architecture }));
        })();`;
      await writeFile(join(folder, "host.js"), host);
      const { stdout } = await promisify(execFile)(process.execPath, ["host.js"], { cwd: folder });
      expect(JSON.parse(stdout)).to.deep.equal({
        verbs: CLASSES.map(() => "check,configure,create,delete,diff,read,update"),
        failures: [[], [], [{ property: "", reason: "size: It must be a number." }]],
        architecture: "cloudDisk",
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const failing: [string, Error, RegExp][] = [
    [
      "every violation",
      new ViolationError([
        { property: "name", reason: "is bad" },
        { property: "", reason: "is full" },
      ]),
      /^name: is bad\nis full$/,
    ],
    [
      "a fault and what it left",
      new Fault("copying", { says: "no space", left: "Nothing is left" }),
      /^copying failed: no space/,
    ],
  ];
  for (const [title, error, message] of failing) {
    it(`says ${title}, without a stack trace`, async () => {
      const provider = dynamicProvider(lifecycleThatFails(error), new ConfiguredRegion());
      for (const call of [
        provider.check({}, {}),
        provider.diff("id", {}, {}),
        provider.create({}),
        provider.read("id", {}),
        provider.update("id", {}, {}),
        provider.delete("id", {}),
      ]) {
        const thrown = await call.then(
          () => undefined,
          (reason: Error) => reason,
        );
        expect(thrown?.message).to.match(message);
        expect(thrown?.stack).to.equal("");
      }
    });
  }

  it("hands over a partial failure with its ID, properties, provider and reasons", async () => {
    const partial = new PartialFailure("img-1", { name: "n" }, new Error("no space"));
    const provider = dynamicProvider(lifecycleThatFails(partial), new ConfiguredRegion());
    const thrown = await provider.update("img-1", {}, { __provider: "text" }).then(
      () => undefined,
      (reason: object) => reason,
    );
    expect(thrown).to.deep.include({
      id: "img-1",
      properties: { name: "n", __provider: "text" },
      reasons: ["no space"],
    });
  });

  it("reports what is gone with a blank ID", async () => {
    const gone = { ...lifecycleThatFails(new Error()), read: async () => undefined };
    expect(await dynamicProvider(gone, new ConfiguredRegion()).read("img-1", {})).to.deep.equal({ id: "" });
  });
});

function lifecycleThatFails(error: Error): Lifecycle {
  const fail = async () => {
    throw error;
  };
  return {
    check: fail,
    diff: () => {
      throw error;
    },
    create: fail,
    read: fail,
    update: fail,
    delete: fail,
  };
}

/** A program's folder with this package in its node_modules, as npm installs it. */
async function asInstalled(folder: string): Promise<void> {
  const installed = join(folder, "node_modules", "pulumi-private-images");
  await mkdir(installed, { recursive: true });
  await symlink(ROOT, join(installed, "dist"));
  await writeFile(
    join(installed, "package.json"),
    JSON.stringify({ name: "pulumi-private-images", exports: { "./provider": "./dist/provider/index.js" } }),
  );
  await writeFile(join(folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
}

import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { outputs } from "../support/world";

describeForEngines("a program in TypeScript", (engine) => {
  const project = withProject({
    files: {
      "index.ts": `
        import * as pulumi from "@pulumi/pulumi";
        import { getImageOutput, getImages, getQuotas, ImageConversion, Instance, PrivateImage } from "pulumi-private-images";
        import type { Architecture } from "pulumi-private-images";

        const ubuntu = getImageOutput({ nameRegex: "^Ubuntu 16", visibility: "public" });
        const type: Architecture = "localDisk";
        const builder = new Instance("builder", { imageId: ubuntu.id, systemDisk: { type } });
        const golden = new PrivateImage("golden", { instance: builder, tags: { os: ubuntu.apply((image) => image.name) } });
        new ImageConversion("cloud", { imageId: golden.id });

        export const architecture: pulumi.Output<Architecture> = golden.architecture;
        export const tags = golden.tags;
        export const before = Promise.all([getImages({ visibility: "private" }), getQuotas()]).then(
          ([images, quotas]) => [images.length, quotas.privateImages.used, quotas.privateImages.limit],
        );`,
      "tsconfig.json": `{ "compilerOptions": { "strict": true, "module": "commonjs", "target": "es2020", "moduleResolution": "node" } }`,
    },
  });

  it("is compiled against the package's types, and looks images and quotas up", async () => {
    succeeded(await engine.run(project(), "up"));
    expect(await outputs(project())).to.deep.equal({
      architecture: "localDisk",
      before: [0, 0, 5],
      tags: { os: "Ubuntu 16.04 64-bit" },
    });
  });
});

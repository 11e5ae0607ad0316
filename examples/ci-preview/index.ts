import * as pulumi from "@pulumi/pulumi";
import { Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

// A golden image a release line. The account has five places: a pull request that adds a sixth line
// fails in its preview, with the remedy, and not in the deployment after the merge.
const lines = new pulumi.Config().requireObject<string[]>("releaseLines");

const ubuntu = getImageOutput({ name: "Ubuntu 16.04 64-bit" });
const builder = new Instance("builder", {
  imageId: ubuntu.id,
  systemDisk: { type: "localDisk", size: 40 },
});
export const imageIds = lines.map((line) => new PrivateImage(`golden-${line}`, { instance: builder }).id);

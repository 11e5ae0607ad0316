import { Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

const golden = getImageOutput({ name: "golden", visibility: "shared" });
const web = new Instance("web", {
  imageId: golden.id,
  systemDisk: { type: "cloudDisk", size: 20 },
});
const nightly = new PrivateImage("nightly", { instance: web });

export const madeFrom = golden.id;
export const imageId = nightly.id;

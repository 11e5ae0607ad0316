import { ImageConversion, Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

const ubuntu = getImageOutput({ name: "Ubuntu 16.04 64-bit" });
const builder = new Instance("builder", {
  imageId: ubuntu.id,
  systemDisk: { type: "localDisk", size: 40 },
});
const golden = new PrivateImage("golden", { instance: builder });

// A localDisk image serves only instances with a local system disk. The conversion makes a new image
// for those with a cloud system disk, and leaves golden as it was. There is no way back.
const cloudGolden = new ImageConversion("cloud-golden", { image: golden });
const web = new Instance("web", { image: cloudGolden, systemDisk: { type: "cloudDisk", size: 100 } });

export const local = { id: golden.id, architecture: golden.architecture };
export const cloud = { id: cloudGolden.id, architecture: cloudGolden.architecture };
export const lineage = cloudGolden.lineage;
export const webInstance = web.id;

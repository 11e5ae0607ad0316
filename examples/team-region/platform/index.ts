import { ImageReplica, ImageShare, Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

const ubuntu = getImageOutput({ name: "Ubuntu 16.04 64-bit" });
const builder = new Instance("builder", {
  imageId: ubuntu.id,
  systemDisk: { type: "cloudDisk", size: 20 },
});
const golden = new PrivateImage("golden", { instance: builder, name: "golden", tags: { stage: "prod" } });
new ImageShare("golden-to-web", { image: golden, memberId: "web" });

// Sealed with a data key of its own besides, which a master key of this account wraps.
const sealed = new ImageReplica("sealed", { image: golden, encrypted: true });

export const imageId = golden.id;
export const sealedUnder = sealed.kmsKeyId;

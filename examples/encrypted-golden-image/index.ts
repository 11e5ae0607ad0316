import { ImageReplica, Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

const ubuntu = getImageOutput({ name: "Ubuntu 16.04 64-bit" });
const builder = new Instance("builder", {
  imageId: ubuntu.id,
  systemDisk: { type: "cloudDisk", size: 40 },
});
const golden = new PrivateImage("golden", { instance: builder });

// Sealed with a data key of its own, which a master key of the account wraps: the default one, made at the
// first need, where kmsKeyId names no other. `images keys list` shows them.
const sealed = new ImageReplica("golden-sealed", { image: golden, encrypted: true });

// What is made of something encrypted is encrypted, each with its own data key. Only a replica changes that.
const vault = new Instance("vault", { image: sealed, systemDisk: { type: "cloudDisk", size: 40 } });
const opened = new ImageReplica("golden-opened", { image: sealed, encrypted: false });

export const sealedImage = { id: sealed.id, encrypted: sealed.encrypted, kmsKeyId: sealed.kmsKeyId };
export const vaultEncrypted = vault.encrypted;
export const openedEncrypted = opened.encrypted;

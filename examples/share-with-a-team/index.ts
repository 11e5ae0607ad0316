import * as pulumi from "@pulumi/pulumi";
import { ImageShare, Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

const members = new pulumi.Config().requireObject<string[]>("members");

const centos = getImageOutput({ name: "CentOS 7.4 64-bit" });
const builder = new Instance("builder", {
  imageId: centos.id,
  systemDisk: { type: "cloudDisk", size: 40 },
});
const golden = new PrivateImage("golden", { instance: builder });

// One share a member: at most five members an image, at most five shared images an account.
const shares = members.map(
  (memberId) => new ImageShare(`golden-to-${memberId}`, { image: golden, memberId }),
);

// A member makes instances from it, in its own account, and nothing else.
const web = new Instance(
  "web",
  { account: "web", image: golden, systemDisk: { type: "cloudDisk", size: 40 } },
  { dependsOn: shares },
);

export const imageId = golden.id;
export const sharedWith = shares.map((share) => share.memberId);
export const webInstance = web.id;

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

// The public image to start from, and an instance of it to make golden.
const ubuntu = getImageOutput({ name: "Ubuntu 16.04 64-bit", visibility: "public" });
const builder = new Instance("builder", {
  imageId: ubuntu.id,
  systemDisk: { type: "localDisk", size: 40 },
});

// The golden image inherits the architecture of the instance: it can't be chosen.
const pet = new random.RandomPet("pet", { length: 2 });
const golden = new PrivateImage("golden", {
  instance: builder,
  name: pulumi.interpolate`golden-${pet.id}`,
  description: "Ubuntu with our agents",
  tags: { team: "platform" },
});

// What the image is for: instances that start as the golden one.
const web = new Instance("web", { image: golden, systemDisk: { type: "localDisk", size: 40 } });

export const imageId = golden.id;
export const imageName = golden.name;
export const architecture = golden.architecture;
export const webInstance = web.id;

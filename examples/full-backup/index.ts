import * as pulumi from "@pulumi/pulumi";
import { Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

const centos = getImageOutput({ name: "CentOS 7.4 64-bit" });
const database = new Instance("database", {
  imageId: centos.id,
  systemDisk: { type: "localDisk", size: 40 },
  dataDisks: [{ size: 100 }],
});

// A full image holds all disks of the instance. Each further one takes the room of what has changed since,
// and any of them may go first: add a day in the configuration, take another out.
const days = new pulumi.Config().requireObject<string[]>("days");
const backups = days.map(
  (day) => new PrivateImage(`database-${day}`, { instance: database, imageType: "full", tags: { day } }),
);

// The newest one brought back: an instance with all its disks.
const newest = backups[backups.length - 1];
const restored = new Instance("restored", {
  image: newest,
  systemDisk: { type: "localDisk", size: 40 },
});

export const imageIds = backups.map((backup) => backup.id);
export const devices = restored.devices;

import { expect } from "chai";
import type {
  ImageConversionArgs,
  ImageExportArgs,
  ImageReplicaArgs,
  ImageShareArgs,
  InstanceArgs,
  PrivateImageArgs,
  VolumeArgs,
} from "../../sdk";
import { imageConversion } from "../../provider/lifecycle/image-conversion";
import { imageExport } from "../../provider/lifecycle/image-export";
import { imageReplica } from "../../provider/lifecycle/image-replica";
import { imageOutputs } from "../../provider/lifecycle/outputs";
import { imageShare } from "../../provider/lifecycle/image-share";
import { instance } from "../../provider/lifecycle/instance";
import { privateImage } from "../../provider/lifecycle/private-image";
import { volume } from "../../provider/lifecycle/volume";
import { IMAGE_OUTPUTS } from "../../sdk/image-resource";
import { newImage } from "../provider/engine/catalog/records";

/** All arguments of a class, each once: the compiler refuses one too many and one too few. */
type All<Args> = Record<keyof Args, true>;

const settings = {
  region: true,
  account: true,
  name: true,
  description: true,
  minDisk: true,
  minRam: true,
  maxRam: true,
  tags: true,
  nicMultiqueue: true,
  sriovDriver: true,
  architecture: true,
  onDelete: true,
  adoptId: true,
  timeouts: true,
} as const;
const privateImageArgs: All<Omit<PrivateImageArgs, "instance" | "volume">> = {
  ...settings,
  instanceId: true,
  volumeId: true,
  imageFile: true,
  fileFormat: true,
  imageType: true,
  device: true,
  os: true,
  encrypted: true,
  kmsKeyId: true,
};
const imageConversionArgs: All<Omit<ImageConversionArgs, "image">> = { ...settings, imageId: true };
const imageReplicaArgs: All<Omit<ImageReplicaArgs, "image">> = {
  ...settings,
  imageId: true,
  encrypted: true,
  kmsKeyId: true,
  quickProvisioning: true,
};
const imageExportArgs: All<Omit<ImageExportArgs, "image">> = {
  region: true,
  account: true,
  imageId: true,
  bucketUrl: true,
  fileFormat: true,
  name: true,
  deleteObjects: true,
  adoptId: true,
  timeouts: true,
};
const imageShareArgs: All<Omit<ImageShareArgs, "image">> = {
  region: true,
  account: true,
  imageId: true,
  memberId: true,
  adoptId: true,
};
const instanceArgs: All<Omit<InstanceArgs, "image">> = {
  region: true,
  account: true,
  name: true,
  imageId: true,
  diskFile: true,
  os: true,
  systemDisk: true,
  dataDisks: true,
  architecture: true,
  tags: true,
  adoptId: true,
  timeouts: true,
};
const volumeArgs: All<Omit<VolumeArgs, "image">> = {
  region: true,
  account: true,
  name: true,
  size: true,
  imageId: true,
  tags: true,
  adoptId: true,
  timeouts: true,
};

describe("the arguments that a class takes", () => {
  const classes: [string, object, readonly string[]][] = [
    ["PrivateImage", privateImageArgs, privateImage.arguments.names],
    ["ImageConversion", imageConversionArgs, imageConversion.arguments.names],
    ["ImageReplica", imageReplicaArgs, imageReplica.arguments.names],
    ["ImageExport", imageExportArgs, imageExport.arguments.names],
    ["ImageShare", imageShareArgs, imageShare.arguments.names],
    ["Instance", instanceArgs, instance.arguments.names],
    ["Volume", volumeArgs, volume.arguments.names],
  ];
  for (const [title, args, names] of classes) {
    it(`are those that check knows: ${title}`, () => {
      expect([...names]).to.have.members(Object.keys(args));
    });
  }
});

describe("the outputs of a class that makes an image", () => {
  it("are those that its lifecycle gives", () => {
    const os = { osType: "linux", osName: "Own", osVersion: "1", cpuArchitecture: "x86_64" } as const;
    const record = {
      ...newImage("img-1", { os, encrypted: true, kmsKeyId: "key-1" }),
      createdAt: "2030-01-01T00:00:00.000Z",
      sequence: 1,
    };
    expect(Object.keys(imageOutputs(record))).to.have.members([...IMAGE_OUTPUTS]);
  });
});

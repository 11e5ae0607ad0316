import type { JSONSchemaType } from "ajv";
import type { Architecture, DiskFormat, ImageRecord, ImageType, OnDelete, OsFacts } from "../engine/model";
import type { ImageFacts } from "../engine/facts";
import type { ImageRequest, ImageSettings } from "../engine/requests";
import type { Known } from "./inputs";
import { imageOutputs } from "./outputs";
import type { Properties } from "./lifecycle";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { argumentsOf, flag, imageSettings, os, text } from "./schema";

/** Arguments of every resource that makes an image. */
export interface ImageSettingsInputs {
  region?: string;
  account?: string;
  name?: string;
  description?: string;
  /** GiB. */
  minDisk?: number;
  /** MiB. */
  minRam?: number;
  maxRam?: number;
  tags?: Record<string, string>;
  nicMultiqueue?: boolean;
  sriovDriver?: boolean;
  architecture?: Architecture;
  onDelete?: OnDelete;
  adoptId?: string;
  timeouts?: { create?: string };
}

export interface PrivateImageInputs extends ImageSettingsInputs {
  instanceId?: string;
  volumeId?: string;
  /** A path, absolute or from the folder of `Pulumi.yaml`. */
  imageFile?: string;
  fileFormat?: DiskFormat;
  imageType?: ImageType;
  device?: string;
  os?: OsFacts;
  encrypted?: boolean;
  kmsKeyId?: string;
}

const schema: JSONSchemaType<PrivateImageInputs> = {
  type: "object",
  properties: {
    ...imageSettings,
    instanceId: text,
    volumeId: text,
    imageFile: text,
    fileFormat: { type: "string", enum: ["raw", "qcow2", "vmdk", "vhd", "vhdx"], nullable: true },
    imageType: { type: "string", enum: ["system", "data", "full"], nullable: true },
    device: text,
    os,
    encrypted: flag,
    kmsKeyId: text,
  },
  required: [],
};

export const IMAGE_IN_PLACE = [
  "name",
  "description",
  "minDisk",
  "minRam",
  "maxRam",
  "tags",
  "nicMultiqueue",
  "sriovDriver",
  "onDelete",
] as const;

export const IMAGE_DEFAULTS: Properties = {
  description: "",
  tags: {},
  nicMultiqueue: false,
  sriovDriver: false,
  onDelete: "refuse",
};

export const IMAGE_FACTS = ["osType", "osName", "osVersion", "cpuArchitecture"] as const;

export function imageSettingsOf(inputs: Known<ImageSettingsInputs>): ImageSettings {
  const { name, description, minDisk, minRam, maxRam, tags, nicMultiqueue, sriovDriver } = inputs;
  return { name, description, minDisk, minRam, maxRam, tags, nicMultiqueue, sriovDriver };
}

export const privateImage: ResourceKind<PrivateImageInputs, ImageRequest, ImageFacts, ImageRecord> = {
  noun: "image",
  arguments: argumentsOf("PrivateImage", schema, ["instance", "volume"]),
  operations: (engine) => engine.images,
  request: (inputs, declaration, pathOf) => ({
    ...imageSettingsOf(inputs),
    declaration,
    instance: reference(inputs.instanceId, inputs.instanceDeclaredBy),
    volume: reference(inputs.volumeId, inputs.volumeDeclaredBy),
    imageFile: typeof inputs.imageFile === "string" ? pathOf(inputs.imageFile) : inputs.imageFile,
    fileFormat: inputs.fileFormat,
    imageType: inputs.imageType,
    device: inputs.device,
    os: inputs.os as ImageRequest["os"],
    encrypted: inputs.encrypted,
    kmsKeyId: inputs.kmsKeyId,
    architecture: inputs.architecture,
    adoptId: inputs.adoptId,
  }),
  outputs: (record) => ({
    ...imageOutputs(record),
    instanceId: record.source?.type === "instance" ? record.source.id : undefined,
    volumeId: record.source?.type === "volume" ? record.source.id : undefined,
  }),
  references: { instance: ["Instance"], volume: ["Volume"] },
  sources: ["instanceId", "volumeId", "imageFile", "fileFormat", "device", "os"],
  inPlace: IMAGE_IN_PLACE,
  defaults: { ...IMAGE_DEFAULTS, fileFormat: "raw" },
  resolved: ["region", "account", "name", "architecture", "imageType", "minDisk", "encrypted", "kmsKeyId"],
  shown: IMAGE_FACTS,
};

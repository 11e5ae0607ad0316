import type { JSONSchemaType } from "ajv";
import type { Architecture, InstanceRecord, OsFacts } from "../engine/model";
import { isKnown, UNKNOWN } from "../engine/requests";
import type { InstanceFacts } from "../engine/facts";
import type { InstanceRequest } from "../engine/requests";
import { instanceOutputs } from "./outputs";
import { IMAGE_CLASSES } from "./references";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { amount, architecture, argumentsOf, os, tags, text, timeouts } from "./schema";

interface SystemDiskInputs {
  type: Architecture;
  /** GiB. */
  size?: number;
}

export interface InstanceInputs {
  region?: string;
  account?: string;
  name?: string;
  imageId?: string;
  /** A path, absolute or from the folder of `Pulumi.yaml`. */
  diskFile?: string;
  os?: OsFacts;
  systemDisk: SystemDiskInputs;
  /** Sizes in GiB. */
  dataDisks?: { size: number }[];
  architecture?: Architecture;
  tags?: Record<string, string>;
  adoptId?: string;
  timeouts?: { create?: string; update?: string };
}

const schema: JSONSchemaType<InstanceInputs> = {
  type: "object",
  properties: {
    region: text,
    account: text,
    name: text,
    imageId: text,
    diskFile: text,
    os,
    systemDisk: {
      type: "object",
      properties: { type: { type: "string", enum: ["localDisk", "cloudDisk"] }, size: amount },
      required: ["type"],
      additionalProperties: false,
    },
    dataDisks: {
      type: "array",
      nullable: true,
      items: {
        type: "object",
        properties: { size: { type: "number" } },
        required: ["size"],
        additionalProperties: false,
      },
    },
    architecture,
    tags,
    adoptId: text,
    timeouts,
  },
  required: ["systemDisk"],
};

export const instance: ResourceKind<InstanceInputs, InstanceRequest, InstanceFacts, InstanceRecord> = {
  noun: "instance",
  arguments: argumentsOf("Instance", schema, ["image"]),
  operations: (engine) => engine.instances,
  request: (inputs, declaration, pathOf) => ({
    declaration,
    name: inputs.name,
    image: reference(inputs.imageId, inputs.imageDeclaredBy),
    diskFile: typeof inputs.diskFile === "string" ? pathOf(inputs.diskFile) : inputs.diskFile,
    os: inputs.os as InstanceRequest["os"],
    systemDisk:
      inputs.systemDisk !== undefined && isKnown(inputs.systemDisk)
        ? { type: inputs.systemDisk.type, size: inputs.systemDisk.size }
        : { type: UNKNOWN, size: UNKNOWN },
    dataDisks: inputs.dataDisks,
    architecture: inputs.architecture,
    tags: inputs.tags,
    adoptId: inputs.adoptId,
  }),
  outputs: instanceOutputs,
  references: { image: IMAGE_CLASSES },
  sources: ["imageId", "diskFile", "os"],
  inPlace: ["imageId", "name", "tags"],
  defaults: { dataDisks: [], tags: {} },
  resolved: ["region", "account", "name", "architecture"],
  shown: ["encrypted", "osType", "osName", "osVersion", "cpuArchitecture"],
  settle(inputs, { systemDiskSize }) {
    const systemDisk = inputs.systemDisk as Partial<SystemDiskInputs> | undefined;
    if (typeof systemDisk !== "object" || systemDisk.size !== undefined) return;
    if (systemDiskSize !== undefined) inputs.systemDisk = { ...systemDisk, size: systemDiskSize };
  },
};

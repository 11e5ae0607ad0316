import type { JSONSchemaType } from "ajv";
import type { VolumeRecord } from "../engine/model";
import type { VolumeFacts } from "../engine/facts";
import type { VolumeRequest } from "../engine/requests";
import { volumeOutputs } from "./outputs";
import { IMAGE_CLASSES } from "./references";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { amount, argumentsOf, createTimeouts, tags, text } from "./schema";

export interface VolumeInputs {
  region?: string;
  account?: string;
  name?: string;
  /** GiB. */
  size?: number;
  imageId?: string;
  tags?: Record<string, string>;
  adoptId?: string;
  timeouts?: { create?: string };
}

const schema: JSONSchemaType<VolumeInputs> = {
  type: "object",
  properties: {
    region: text,
    account: text,
    name: text,
    size: amount,
    imageId: text,
    tags,
    adoptId: text,
    timeouts: createTimeouts,
  },
  required: [],
};

export const volume: ResourceKind<VolumeInputs, VolumeRequest, VolumeFacts, VolumeRecord> = {
  noun: "volume",
  arguments: argumentsOf("Volume", schema, ["image"]),
  operations: (engine) => engine.volumes,
  request: (inputs, declaration) => ({
    declaration,
    name: inputs.name,
    size: inputs.size,
    image: reference(inputs.imageId, inputs.imageDeclaredBy),
    tags: inputs.tags,
    adoptId: inputs.adoptId,
  }),
  outputs: volumeOutputs,
  references: { image: IMAGE_CLASSES },
  // A volume that is made from nothing is a blank one.
  sources: [],
  inPlace: ["name", "tags"],
  defaults: { tags: {} },
  resolved: ["region", "account", "name", "size"],
  shown: ["encrypted"],
};

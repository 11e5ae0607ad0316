import type { JSONSchemaType } from "ajv";
import type { ImageRecord } from "../engine/model";
import type { ReplicaFacts } from "../engine/facts";
import type { ReplicaRequest } from "../engine/requests";
import { childImageOutputs } from "./outputs";
import { IMAGE_DEFAULTS, IMAGE_FACTS, IMAGE_IN_PLACE, imageSettingsOf } from "./private-image";
import type { ImageSettingsInputs } from "./private-image";
import { IMAGE_CLASSES } from "./references";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { argumentsOf, flag, imageSettings, text } from "./schema";

export interface ImageReplicaInputs extends ImageSettingsInputs {
  imageId?: string;
  encrypted?: boolean;
  kmsKeyId?: string;
  quickProvisioning?: boolean;
}

const schema: JSONSchemaType<ImageReplicaInputs> = {
  type: "object",
  properties: { ...imageSettings, imageId: text, encrypted: flag, kmsKeyId: text, quickProvisioning: flag },
  required: [],
};

export const imageReplica: ResourceKind<ImageReplicaInputs, ReplicaRequest, ReplicaFacts, ImageRecord> = {
  noun: "image",
  arguments: argumentsOf("ImageReplica", schema, ["image"]),
  operations: (engine) => engine.replicas,
  request: (inputs, declaration) => ({
    ...imageSettingsOf(inputs),
    declaration,
    image: reference(inputs.imageId, inputs.imageDeclaredBy),
    encrypted: inputs.encrypted,
    kmsKeyId: inputs.kmsKeyId,
    quickProvisioning: inputs.quickProvisioning,
    architecture: inputs.architecture,
    adoptId: inputs.adoptId,
  }),
  outputs: childImageOutputs,
  references: { image: IMAGE_CLASSES },
  sources: ["imageId"],
  inPlace: IMAGE_IN_PLACE,
  defaults: { ...IMAGE_DEFAULTS, quickProvisioning: false },
  resolved: ["region", "account", "name", "architecture", "minDisk", "encrypted", "kmsKeyId"],
  shown: ["imageType", ...IMAGE_FACTS],
};

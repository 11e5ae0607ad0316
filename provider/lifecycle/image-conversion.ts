import type { JSONSchemaType } from "ajv";
import type { ImageRecord } from "../engine/model";
import type { ImageFacts } from "../engine/facts";
import type { ConversionRequest } from "../engine/requests";
import { childImageOutputs } from "./outputs";
import { IMAGE_DEFAULTS, IMAGE_FACTS, IMAGE_IN_PLACE, imageSettingsOf } from "./private-image";
import type { ImageSettingsInputs } from "./private-image";
import { IMAGE_CLASSES } from "./references";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { argumentsOf, imageSettings, text } from "./schema";

export interface ImageConversionInputs extends ImageSettingsInputs {
  imageId?: string;
}

const schema: JSONSchemaType<ImageConversionInputs> = {
  type: "object",
  properties: { ...imageSettings, imageId: text },
  required: [],
};

export const imageConversion: ResourceKind<
  ImageConversionInputs,
  ConversionRequest,
  ImageFacts,
  ImageRecord
> = {
  noun: "image",
  arguments: argumentsOf("ImageConversion", schema, ["image"]),
  operations: (engine) => engine.conversions,
  request: (inputs, declaration) => ({
    ...imageSettingsOf(inputs),
    declaration,
    image: reference(inputs.imageId, inputs.imageDeclaredBy),
    architecture: inputs.architecture,
    adoptId: inputs.adoptId,
  }),
  outputs: childImageOutputs,
  references: { image: IMAGE_CLASSES },
  sources: ["imageId"],
  inPlace: IMAGE_IN_PLACE,
  defaults: IMAGE_DEFAULTS,
  resolved: ["region", "account", "name", "architecture", "minDisk"],
  shown: ["imageType", "encrypted", "kmsKeyId", ...IMAGE_FACTS],
};

import type { JSONSchemaType } from "ajv";
import type { ShareRecord } from "../engine/model";
import type { ShareFacts } from "../engine/facts";
import type { ShareRequest } from "../engine/requests";
import { shareOutputs } from "./outputs";
import { IMAGE_CLASSES } from "./references";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { argumentsOf, text } from "./schema";

export interface ImageShareInputs {
  region?: string;
  account?: string;
  imageId?: string;
  memberId: string;
  adoptId?: string;
}

const schema: JSONSchemaType<ImageShareInputs> = {
  type: "object",
  properties: { region: text, account: text, imageId: text, memberId: { type: "string" }, adoptId: text },
  required: ["memberId"],
};

export const imageShare: ResourceKind<ImageShareInputs, ShareRequest, ShareFacts, ShareRecord> = {
  noun: "share",
  arguments: argumentsOf("ImageShare", schema, ["image"]),
  operations: (engine) => engine.shares,
  request: (inputs, declaration) => ({
    declaration,
    image: reference(inputs.imageId, inputs.imageDeclaredBy),
    memberId: inputs.memberId,
    adoptId: inputs.adoptId,
  }),
  outputs: shareOutputs,
  references: { image: IMAGE_CLASSES },
  sources: ["imageId"],
  inPlace: [],
  defaults: {},
  resolved: ["region", "account"],
  shown: [],
};

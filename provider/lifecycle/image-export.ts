import type { JSONSchemaType } from "ajv";
import * as say from "../engine/messages";
import type { ExportFormat, ExportRecord, ObjectDrift } from "../engine/model";
import { isKnown, UNKNOWN } from "../engine/requests";
import type { ExportFacts } from "../engine/facts";
import type { ExportRequest, Maybe } from "../engine/requests";
import { isPath } from "./configuration";
import { exportOutputs } from "./outputs";
import { IMAGE_CLASSES } from "./references";
import { reference } from "./resource-kind";
import type { ResourceKind } from "./resource-kind";
import { argumentsOf, flag, text, timeouts } from "./schema";

export interface ImageExportInputs {
  region?: string;
  account?: string;
  imageId?: string;
  /** A URL, or a path, absolute or from the folder of `Pulumi.yaml`. */
  bucketUrl: string;
  fileFormat?: ExportFormat;
  name?: string;
  deleteObjects?: boolean;
  adoptId?: string;
  timeouts?: { create?: string; update?: string };
}

const schema: JSONSchemaType<ImageExportInputs> = {
  type: "object",
  properties: {
    region: text,
    account: text,
    imageId: text,
    bucketUrl: { type: "string" },
    fileFormat: { type: "string", enum: ["qcow2", "raw", "vmdk", "vhd"], nullable: true },
    name: text,
    deleteObjects: flag,
    adoptId: text,
    timeouts,
  },
  required: ["bucketUrl"],
};

export const imageExport: ResourceKind<ImageExportInputs, ExportRequest, ExportFacts, ExportRecord> = {
  noun: "export",
  arguments: argumentsOf("ImageExport", schema, ["image"]),
  operations: (engine) => engine.exports,
  request: (inputs, declaration, pathOf) => ({
    declaration,
    image: reference(inputs.imageId, inputs.imageDeclaredBy),
    bucketUrl: absolute(inputs.bucketUrl ?? UNKNOWN, pathOf),
    fileFormat: inputs.fileFormat,
    name: inputs.name,
    adoptId: inputs.adoptId,
  }),
  // A path stays as the program writes it, so that the state of one checkout serves another.
  outputs: (record, stated) => ({
    ...exportOutputs(record),
    bucketUrl: stated.bucketUrl ?? record.bucketUrl,
  }),
  notices: ({ drift = [] }) => drift.map(say.drifted),
  references: { image: IMAGE_CLASSES },
  sources: ["imageId"],
  inPlace: ["deleteObjects"],
  // What is gone is written again; what others have changed is left to them.
  restores: ({ drift = [] }) => (drift as ObjectDrift[]).some(({ found }) => found === "gone"),
  defaults: { deleteObjects: false },
  resolved: ["region", "account", "name", "fileFormat"],
  shown: [],
};

function absolute(bucketUrl: Maybe<string>, pathOf: (path: string) => string): Maybe<string> {
  return isKnown(bucketUrl) && isPath(bucketUrl) ? pathOf(bucketUrl) : bucketUrl;
}

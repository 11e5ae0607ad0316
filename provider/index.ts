import { dynamicProvider } from "./dynamic-provider";
import { ConfiguredRegion } from "./lifecycle/configured-region";
import { imageConversion } from "./lifecycle/image-conversion";
import { imageExport } from "./lifecycle/image-export";
import { imageReplica } from "./lifecycle/image-replica";
import { imageShare } from "./lifecycle/image-share";
import { instance } from "./lifecycle/instance";
import { privateImage } from "./lifecycle/private-image";
import type { AnyRecord, ResourceKind } from "./lifecycle/resource-kind";
import { ResourceLifecycle } from "./lifecycle/resource-lifecycle";
import { volume } from "./lifecycle/volume";

/*
 * What the dynamic-provider process loads. States name these exports: each is there for ever, under its name.
 */

const region = new ConfiguredRegion();

function serve<Inputs, Request, Facts extends object, Record extends AnyRecord>(
  kind: ResourceKind<Inputs, Request, Facts, Record>,
) {
  return dynamicProvider(new ResourceLifecycle(region, kind), region);
}

export const PrivateImage = serve(privateImage);
export const ImageShare = serve(imageShare);
export const ImageConversion = serve(imageConversion);
export const ImageReplica = serve(imageReplica);
export const ImageExport = serve(imageExport);
export const Instance = serve(instance);
export const Volume = serve(volume);

import * as pulumi from "@pulumi/pulumi";
import { ImageExport, Instance, PrivateImage, getImageOutput } from "pulumi-private-images";

// Where to: s3://bucket/prefix, with credentials and endpoint as the AWS tools take them, or a folder.
const bucketUrl = new pulumi.Config().get("bucketUrl") ?? "exports";

const ubuntu = getImageOutput({ name: "Ubuntu 16.04 64-bit" });
const builder = new Instance("builder", {
  imageId: ubuntu.id,
  systemDisk: { type: "localDisk", size: 40 },
});
const golden = new PrivateImage("golden", { instance: builder, name: "golden" });

// Each disk becomes an object golden-<image ID>-<device>.qcow2. They stay when this is destroyed:
// deleteObjects: true has them go with it, as long as they are what was written.
const copy = new ImageExport("copy", { image: golden, bucketUrl, fileFormat: "qcow2" });

// What was written, with sizes and checksums. After a refresh, drift names what isn't so any more,
// and the next up writes again what is gone.
export const objects = copy.objects;
export const drift = copy.drift;

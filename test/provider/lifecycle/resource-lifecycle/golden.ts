import { expect } from "chai";
import type { Stack } from "../stack";

export const UBUNTU = "img-pub-ubuntu-16-04";
export const CENTOS = "img-pub-centos-7-4";
export const LOCAL = { type: "localDisk", size: 20 };
/** What the operator's file says of the region that these tests are on. */
export const TEAM = "accounts:\n  - name: default\n  - name: web\n  - name: data\n";

/** Makes instance `builder` and image `golden` of it; the image's ID. */
export async function golden(stack: Stack, args = {}): Promise<string> {
  await stack.up("Instance", "builder", { imageId: UBUNTU, systemDisk: LOCAL });
  await stack.up("PrivateImage", "golden", { instanceId: stack.state("builder").id, ...args });
  return stack.state("golden").id;
}

/** What a promise is rejected with, in these words. */
export async function rejects(promise: Promise<unknown>, message: RegExp): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error, "a failure").to.be.an("error");
  expect(error!.message).to.match(message);
  return error!;
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../../../provider/lifecycle/lifecycle";
import { describeChanges } from "./change-table";
import type { Ids } from "./change-table";
import { Stack } from "./stack";
import type { Class } from "./stack";

const UBUNTU = "img-pub-ubuntu-16-04";
const REGION = "accounts: [{ name: default }]\nquotas: { privateImages: 10 }\n";
const OS = { osType: "linux", osName: "Own" };

describe("a change of what a disk is made of or goes to", () => {
  let outside: string;
  let origin: Stack;
  let stack: Stack;
  const file = (name: string): string => join(outside, name);

  /** Data images, an image of a file, a replica and an export. */
  async function stackOfDisks(): Promise<Stack> {
    const made = await Stack.create(REGION);
    const id: Ids = (name) => made.state(name).id;
    const builder = {
      imageId: UBUNTU,
      systemDisk: { type: "localDisk" },
      dataDisks: [{ size: 1 }, { size: 2 }],
    };
    const program: [Class, string, () => Properties][] = [
      ["Instance", "builder", () => builder],
      ["Volume", "disk", () => ({ size: 1 })],
      ["PrivateImage", "data", () => ({ instanceId: id("builder"), imageType: "data", device: "/dev/vdb" })],
      ["PrivateImage", "of-disk", () => ({ volumeId: id("disk") })],
      ["PrivateImage", "imported", () => ({ imageFile: file("a.raw"), os: OS })],
      ["ImageReplica", "replica", () => ({ imageId: id("data") })],
      ["ImageExport", "export", () => ({ imageId: id("data"), bucketUrl: outside, fileFormat: "raw" })],
    ];
    for (const [type, name, args] of program) await made.up(type, name, args());
    return made;
  }

  before(async () => {
    outside = await mkdtemp(join(tmpdir(), "images-outside-"));
    for (const name of ["a.raw", "b.raw"]) await writeFile(file(name), Buffer.alloc(4096, name));
    origin = await stackOfDisks();
  });
  beforeEach(async () => {
    stack = await origin.copy();
  });
  afterEach(() => stack.destroy());
  after(async () => {
    await origin.destroy();
    await rm(outside, { recursive: true });
  });

  const data = (id: Ids, device = "/dev/vdb"): Properties => ({
    instanceId: id("builder"),
    imageType: "data",
    device,
  });
  const exported = (id: Ids, args: Properties): Properties => ({
    imageId: id("data"),
    bucketUrl: outside,
    fileFormat: "raw",
    ...args,
  });

  describeChanges(
    () => stack,
    [
      [
        "PrivateImage",
        "data",
        [
          ["of its device", (id) => data(id, "/dev/vdc"), "replace"],
          [
            "to a device that isn't there",
            (id) => data(id, "/dev/vdz"),
            /^device: .* no data disk \/dev\/vdz/,
          ],
          ["to the kind of image that it is by default", (id) => ({ instanceId: id("builder") }), "replace"],
          ["to a system image", (id) => ({ instanceId: id("builder"), imageType: "system" }), "replace"],
          ["to a volume", (id) => ({ volumeId: id("disk") }), "replace"],
          ["of its description", (id) => ({ ...data(id), description: "d" }), "update"],
          ["of what only instances have", (id) => ({ ...data(id), minRam: 512 }), /^minRam: A data image/],
        ],
      ],
      [
        "PrivateImage",
        "imported",
        [
          [
            "to a format that it is by default",
            () => ({ imageFile: file("a.raw"), fileFormat: "raw", os: OS }),
            "same",
          ],
          ["of its file", () => ({ imageFile: file("b.raw"), os: OS }), "replace"],
          [
            "to a file that isn't there",
            () => ({ imageFile: file("c.raw"), os: OS }),
            /^imageFile: There is no file/,
          ],
          [
            "to a format that the file isn't of",
            () => ({ imageFile: file("a.raw"), fileFormat: "qcow2", os: OS }),
            /^imageFile: The disk file .* isn't qcow2/,
          ],
          ["of its OS", () => ({ imageFile: file("a.raw"), os: { osType: "windows" } }), "replace"],
          ["to a data image", () => ({ imageFile: file("a.raw"), imageType: "data" }), "replace"],
          ["of its tags", () => ({ imageFile: file("a.raw"), os: OS, tags: { a: "b" } }), "update"],
          [
            "to a key that isn't there",
            () => ({ imageFile: file("a.raw"), os: OS, encrypted: true, kmsKeyId: "key-none" }),
            /^kmsKeyId: There is no master key key-none/,
          ],
        ],
      ],
      [
        "ImageReplica",
        "replica",
        [
          ["of its source", (id) => ({ imageId: id("of-disk") }), "replace"],
          ["of its name", (id) => ({ imageId: id("data"), name: "other" }), "update"],
          [
            "to quick provisioning, which data images don't have",
            (id) => ({ imageId: id("data"), quickProvisioning: true }),
            /^quickProvisioning: /,
          ],
        ],
      ],
      [
        "ImageExport",
        "export",
        [
          ["to saying less of it", (id) => ({ imageId: id("data"), bucketUrl: outside }), "same"],
          ["of what is deleted with it", (id) => exported(id, { deleteObjects: true }), "update"],
          ["of its objects' names", (id) => exported(id, { name: "other" }), "replace"],
          ["of its image", (id) => exported(id, { imageId: id("of-disk") }), "replace"],
          ["of its folder", (id) => exported(id, { bucketUrl: join(outside, "deeper") }), "replace"],
          ["to what is no bucket", (id) => exported(id, { bucketUrl: "ftp://host" }), /^bucketUrl: /],
        ],
      ],
    ],
  );
});

import { expect } from "chai";
import type { Properties } from "../../../provider/lifecycle/lifecycle";
import { describeChanges } from "./change-table";
import type { ChangeTable, Ids } from "./change-table";
import { Stack } from "./stack";
import type { Class } from "./stack";

const UBUNTU = "img-pub-ubuntu-16-04";
const WINDOWS = "img-pub-windows-2016-datacenter-cn";
const LOCAL = { type: "localDisk" };
const CLOUD = { type: "cloudDisk" };

const REGION = `
accounts: [{ name: default }, { name: web }, { name: data }, { name: full, quotas: { privateImages: 0 } }]
quotas: { privateImages: 6 }
---
region: north
accounts: [{ name: default }, { name: web }]
`;

/** A stack with something of every kind: Ubuntu needs 20 GiB, Windows 40. */
async function stackOfAll(): Promise<Stack> {
  const stack = await Stack.create(REGION);
  const id: Ids = (name) => stack.state(name).id;
  const program: [Class, string, () => Properties][] = [
    ["Instance", "builder", () => ({ imageId: UBUNTU, systemDisk: LOCAL })],
    ["Instance", "windows", () => ({ imageId: WINDOWS, systemDisk: LOCAL })],
    ["Instance", "cloud-vm", () => ({ imageId: UBUNTU, systemDisk: CLOUD })],
    ["PrivateImage", "golden", () => ({ instanceId: id("builder") })],
    ["PrivateImage", "plain", () => ({ instanceId: id("builder") })],
    ["PrivateImage", "big", () => ({ instanceId: id("windows") })],
    ["PrivateImage", "kept", () => ({ instanceId: id("builder"), onDelete: "retain" })],
    ["ImageConversion", "cloud", () => ({ imageId: id("golden") })],
    ["ImageShare", "to-web", () => ({ imageId: id("golden"), memberId: "web" })],
    ["ImageShare", "to-data", () => ({ imageId: id("golden"), memberId: "data" })],
    ["Volume", "disk", () => ({ size: 10 })],
    ["Instance", "vm", () => ({ imageId: id("golden"), systemDisk: LOCAL })],
  ];
  for (const [type, name, args] of program) await stack.up(type, name, args());
  stack.newRun();
  // A second run knows them all from the state.
  for (const [type, name, args] of program) expect(await stack.up(type, name, args())).to.equal("same");
  await stack.lifecycle("PrivateImage").delete(id("kept"), stack.state("kept").outputs);
  return stack;
}

describe("a change", () => {
  let origin: Stack;
  let stack: Stack;
  before(async () => {
    origin = await stackOfAll();
  });
  beforeEach(async () => {
    stack = await origin.copy();
  });
  afterEach(() => stack.destroy());
  after(() => origin.destroy());

  const table: ChangeTable = [
    [
      "Instance",
      "vm",
      [
        ["to nothing else", (id) => ({ imageId: id("golden"), systemDisk: LOCAL }), "same"],
        ["of its name", (id) => ({ imageId: id("golden"), systemDisk: LOCAL, name: "other" }), "update"],
        ["of its image", () => ({ imageId: UBUNTU, systemDisk: LOCAL }), "update"],
        [
          "to an image that needs more than its disk",
          (id) => ({ imageId: id("big"), systemDisk: LOCAL }),
          /^systemDisk\.size: A disk of 20 GiB is too small for image big .*needs 40 GiB/,
        ],
        [
          "to such an image, with a disk that it needs",
          (id) => ({ imageId: id("big"), systemDisk: { ...LOCAL, size: 40 } }),
          "replace",
        ],
        [
          "to such an image, with a larger disk that is still too small",
          (id) => ({ imageId: id("big"), systemDisk: { ...LOCAL, size: 30 } }),
          /^systemDisk\.size: A disk of 30 GiB is too small/,
        ],
        [
          "to such an image, where another argument replaces it",
          (id) => ({ imageId: id("big"), systemDisk: LOCAL, dataDisks: [{ size: 5 }] }),
          "replace",
        ],
        [
          "of its disk's size",
          (id) => ({ imageId: id("golden"), systemDisk: { ...LOCAL, size: 30 } }),
          "replace",
        ],
        [
          "to a disk smaller than its image needs",
          (id) => ({ imageId: id("golden"), systemDisk: { ...LOCAL, size: 10 } }),
          /^systemDisk\.size: A disk of 10 GiB is too small/,
        ],
        [
          "to an image of the other architecture",
          (id) => ({ imageId: id("cloud"), systemDisk: LOCAL }),
          /^imageId: Image cloud .* is a cloudDisk image/,
        ],
        [
          "to that image and its type of disk",
          (id) => ({ imageId: id("cloud"), systemDisk: CLOUD }),
          "replace",
        ],
        [
          "to the other type of disk alone",
          (id) => ({ imageId: id("golden"), systemDisk: CLOUD }),
          /^imageId: Image golden .* is a localDisk image/,
        ],
        [
          "to an image that isn't there",
          () => ({ imageId: "img-none", systemDisk: LOCAL }),
          /^imageId: There is no image/,
        ],
        [
          "to an account that doesn't see its image",
          (id) => ({ imageId: id("big"), systemDisk: LOCAL, account: "web" }),
          /^imageId: Image big .* isn't shared with account web/,
        ],
        [
          "to a member's account",
          (id) => ({ imageId: id("golden"), systemDisk: LOCAL, account: "web" }),
          "replace",
        ],
        [
          "to another account, and to an image that needs more than its disk",
          () => ({ imageId: WINDOWS, systemDisk: LOCAL, account: "web" }),
          "replace",
        ],
        [
          "to another region, which doesn't have its image",
          (id) => ({ imageId: id("golden"), systemDisk: LOCAL, region: "north" }),
          /^imageId: Image golden .* is in region local, and this resource is in region north/,
        ],
        [
          "to another region, and to an image there that needs more than its disk",
          () => ({ imageId: `${WINDOWS}.north`, systemDisk: LOCAL, region: "north" }),
          "replace",
        ],
      ],
    ],
    [
      "PrivateImage",
      "plain",
      [
        ["of its minDisk", (id) => ({ instanceId: id("builder"), minDisk: 30 }), "update"],
        [
          "to a minDisk below its disk",
          (id) => ({ instanceId: id("builder"), minDisk: 10 }),
          /^minDisk: minDisk 10 is less than the 20 GiB/,
        ],
        ["to a larger instance", (id) => ({ instanceId: id("windows"), minDisk: 40 }), "replace"],
        [
          "to a larger instance, with a minDisk of the smaller one",
          (id) => ({ instanceId: id("windows"), minDisk: 20 }),
          /^minDisk: minDisk 20 is less than the 40 GiB/,
        ],
        [
          "of what it inherits, as it states",
          (id) => ({ instanceId: id("cloud-vm"), architecture: "cloudDisk" }),
          "replace",
        ],
        [
          "to an account that doesn't own its instance",
          (id) => ({ instanceId: id("builder"), account: "web" }),
          /^instanceId: Instance builder .* belongs to account default/,
        ],
        [
          "to an account that has no place",
          (id) => ({ instanceId: id("builder"), account: "full" }),
          /Region local allows account full 0 private images: 0 exist and 1 is planned .* Declare fewer/,
        ],
        ["to an image that stands undeclared", (id) => ({ adoptId: id("kept") }), "replace"],
        [
          "to an image that another resource has",
          (id) => ({ adoptId: id("big") }),
          /^adoptId: Image big .* is declared by urn/,
        ],
      ],
    ],
    [
      "PrivateImage",
      "big",
      [
        [
          "to a smaller image that stands undeclared, with its minDisk",
          (id) => ({ adoptId: id("kept"), minDisk: 20 }),
          "replace",
        ],
      ],
    ],
    [
      "ImageConversion",
      "cloud",
      [
        ["of its source", (id) => ({ imageId: id("big") }), "replace"],
        [
          "to a source that is a cloudDisk image",
          (id) => ({ imageId: id("cloud") }),
          /^imageId: Image cloud .* is a cloudDisk image already/,
        ],
        ["of its tags", (id) => ({ imageId: id("golden"), tags: { a: "b" } }), "update"],
      ],
    ],
    [
      "ImageShare",
      "to-web",
      [
        ["of its image", (id) => ({ imageId: id("big"), memberId: "web" }), "replace"],
        ["of its member", (id) => ({ imageId: id("golden"), memberId: "full" }), "replace"],
        [
          "to the owner",
          (id) => ({ imageId: id("golden"), memberId: "default" }),
          /^memberId: The image belongs to account default itself/,
        ],
        [
          "to the member of another share",
          (id) => ({ imageId: id("golden"), memberId: "data" }),
          /^memberId: .* is shared with account data already.*Remove one of the two declarations/,
        ],
        [
          "to the member of another share, deleting first",
          (id) => ({ imageId: id("golden"), memberId: "data", deleteBeforeReplace: true }),
          /^memberId: .* is shared with account data already.*Remove one of the two declarations/,
        ],
      ],
    ],
    [
      "Volume",
      "disk",
      [
        ["of its size", () => ({ size: 20 }), "replace"],
        ["to a size that is none", () => ({ size: 0 }), /^size: 0 isn't a size/],
        ["to another region", () => ({ size: 10, region: "north" }), "replace"],
        [
          "to an image of a system disk",
          (id) => ({ size: 40, imageId: id("golden") }),
          /^imageId: Image golden .* makes no volumes/,
        ],
      ],
    ],
  ];
  describeChanges(() => stack, table);

  it("to nothing passes where the image of an instance is deleted since", async () => {
    await stack.lifecycle("PrivateImage").delete(stack.state("golden").id, {
      ...stack.state("golden").outputs,
      onDelete: "unshare",
    });
    const args = { imageId: stack.state("golden").id, systemDisk: LOCAL };
    expect(await stack.change("Instance", "vm", args)).to.deep.equal({ preview: "same", up: "same" });
  });

  it("of what is gone is refused where it is one in place, and makes it again where it replaces", async () => {
    const { id, outputs } = stack.state("disk");
    await stack.lifecycle("Volume").delete(id, outputs);
    const renamed = await stack.change("Volume", "disk", { size: 10, name: "other" });
    expect(renamed.preview).to.match(/^This volume is gone, .*Run refresh, then up again/);
    expect(renamed.up).to.match(new RegExp(`^The volume ${id} is gone`));
    expect(await stack.change("Volume", "disk", { size: 10 })).to.deep.equal({ preview: "same", up: "same" });
    expect((await stack.change("Volume", "disk", { size: 20 })).up).to.equal("replace");
  });

  it("that replaces one of as many images as there may be is told to delete first, and passes then", async () => {
    const id: Ids = (name) => stack.state(name).id;
    await stack.up("PrivateImage", "sixth", { instanceId: id("builder") });
    const args = { instanceId: id("windows") };
    const { preview, up } = await stack.change("PrivateImage", "sixth", args);
    expect(preview).to.match(/allows account default 6 private images: .* set deleteBeforeReplace: true/);
    expect(up).to.equal(preview);
    expect(await stack.change("PrivateImage", "sixth", { ...args, deleteBeforeReplace: true })).to.deep.equal(
      {
        preview: "replace",
        up: "replace",
      },
    );
  });
});

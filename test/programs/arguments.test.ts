import { describeForEngines } from "../support/engines";
import { describeRefusals, expectRefusal, refuse, withProject } from "../support/expectations";
import { look } from "../support/world";

const region = `
region: north
accounts: [{ name: default, quotas: { privateImages: 50 } }]
---
region: south
accounts: [{ name: default }]
`;

/** What is wrong, the statement that says it (the resource is called `x`), and its message. */
const wrong: [what: string, statement: string, property: string, ...reason: (string | RegExp)[]][] = [
  ["an image of no source", `new PrivateImage(x, {})`, "instanceId", "needs something to be made from"],
  [
    "an image of two sources",
    `new PrivateImage(x, { instance: builder, volume: disk })`,
    "instanceId",
    "made from one thing only",
  ],
  [
    "an instance of nothing",
    `new Instance(x, { systemDisk: { type: "localDisk" } })`,
    "imageId",
    "needs something to be made from",
  ],
  [
    "an instance of an image and a disk file",
    `vm(x, "localDisk", { diskFile: "disk.raw" })`,
    "imageId",
    "made from one thing only",
  ],
  [
    "a disk file that isn't there",
    `vm(x, "localDisk", { imageId: undefined, diskFile: "nowhere.raw" })`,
    "diskFile",
    "nowhere.raw",
  ],
  [
    "an ID that doesn't exist",
    `vm(x, "localDisk", { imageId: "img-none" })`,
    "imageId",
    "There is no image img-none in region north",
    "Check the ID",
    "seen only while it is shared",
  ],
  ["an ID that is empty", `vm(x, "localDisk", { imageId: "" })`, "imageId", "The ID of the image is empty"],
  [
    "an instance that doesn't exist",
    `new PrivateImage(x, { instanceId: "i-none" })`,
    "instanceId",
    "There is no instance i-none in region north",
  ],
  [
    "the ID of another region",
    `new PrivateImage(x, { instance: builder, region: "south" })`,
    "instanceId",
    "Instance builder (planned in this run) is in region north, and this resource is in region south",
  ],
  [
    "a region that isn't served",
    `vm(x, "localDisk", { region: "west" })`,
    "region",
    "There is no region west at this endpoint, which serves north, south",
  ],
  [
    "an account that the region doesn't have",
    `vm(x, "localDisk", { account: "nobody" })`,
    "account",
    "Region north has no account nobody. Its accounts are default",
  ],
  [
    "the ID of another kind of resource",
    `new PrivateImage(x, { instanceId: disk.id })`,
    "instanceId",
    "Volume",
  ],
  [
    "a name with a bad character",
    `new PrivateImage(x, { instance: builder, name: "a/b" })`,
    "name",
    `"a/b" can't be a name`,
    "1 to 128 characters",
  ],
  ["an empty name", `vm(x, "localDisk", { name: "" })`, "name", `"" can't be a name`],
  [
    "a long description",
    `new PrivateImage(x, { instance: builder, description: "d".repeat(300) })`,
    "description",
    "has 300 characters; at most 256",
  ],
  [
    "a tag with a reserved key",
    `new PrivateImage(x, { instance: builder, tags: { "images:mine": "x" } })`,
    "tags",
    `"images:mine" can't be a tag's key`,
  ],
  [
    "too many tags",
    `new PrivateImage(x, { instance: builder, tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => ["t" + i, ""])) })`,
    "tags",
    "There are 21 tags; at most 20",
  ],
  [
    "a system disk that no disk can be",
    `new Instance(x, { imageId: ubuntu, systemDisk: { type: "localDisk", size: 5000 } })`,
    "systemDisk.size",
    "5000 isn't a size that a disk can have",
  ],
  [
    "a system disk smaller than the image",
    `new Instance(x, { imageId: ubuntu, systemDisk: { type: "localDisk", size: 1 } })`,
    "systemDisk.size",
    "A disk of 1 GiB is too small",
  ],
  [
    "a type of disk that there isn't",
    `vm(x, "floppy")`,
    "systemDisk.type",
    "must be one of localDisk, cloudDisk",
  ],
  ["a volume of no size", `new Volume(x, {})`, "size", "A blank volume needs a size"],
  ["a volume of half a size", `new Volume(x, { size: 1.5 })`, "size", "1.5"],
  [
    "a minimum disk below the source's",
    `new PrivateImage(x, { instance: builder, minDisk: 1 })`,
    "minDisk",
    "minDisk 1 is less than the 20 GiB",
  ],
  [
    "a memory range upside down",
    `new PrivateImage(x, { instance: builder, minRam: 8, maxRam: 4 })`,
    "minRam",
    "minRam 8 is more than maxRam 4",
  ],
  [
    "an argument that there isn't, naming the nearest",
    `new PrivateImage(x, { instance: builder, decription: "typo" })`,
    "decription",
    "description",
  ],
  [
    "a value of the wrong type",
    `new PrivateImage(x, { instance: builder, nicMultiqueue: "perhaps" })`,
    "nicMultiqueue",
    /true or false|boolean/,
  ],
  [
    "a kind of image that isn't there",
    `new PrivateImage(x, { instance: builder, imageType: "whole" })`,
    "imageType",
    "It must be one of system, data, full",
  ],
];

const nameOf = (index: number): string => `wrong-${index}`;

describeRefusals(
  "wrong arguments",
  {
    region,
    program: `const builder = vm("builder"); const disk = new Volume("disk", { size: 1 });
      ${wrong.map(([, statement], index) => statement.replace(/\bx\b/, JSON.stringify(nameOf(index)))).join(";\n")};`,
  },
  wrong.map(([what, , ...message], index) => [what, nameOf(index), ...message]),
);

describeForEngines("several wrong arguments of one resource", (engine) => {
  const project = withProject({
    region,
    program: `new PrivateImage("mess", { instanceId: "i-none", name: "a/b", minRam: 8, maxRam: 4, colour: "red" });`,
  });

  it("are reported all together", async () => {
    expectRefusal(
      await refuse(engine, project()),
      ["mess", "instanceId", "There is no instance i-none"],
      ["mess", "name", `"a/b" can't be a name`],
      ["mess", "minRam", "minRam 8 is more than maxRam 4"],
      ["mess", "colour", "PrivateImage has no argument colour"],
    );
  });

  it("are refused by up as by preview, before anything changes", async () => {
    const before = await look(project());
    const run = await engine.run(project(), "up");
    const after = await look(project());
    expectRefusal({ engine, run, before, after }, ["mess", "name", `"a/b" can't be a name`]);
  });
});

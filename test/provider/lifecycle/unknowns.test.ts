import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { SENTINEL } from "../../../provider/lifecycle/inputs";
import type { Properties } from "../../../provider/lifecycle/lifecycle";
import { Stack } from "./stack";
import type { Class } from "./stack";

const TEAM = "accounts:\n  - name: default\n  - name: web\n";

/** Programs that are right: with any of their values unknown they still are. */
const RIGHT: [Class, (ids: { instance: string; image: string; diskFile: string }) => Properties][] = [
  [
    "PrivateImage",
    ({ instance }) => ({
      instanceId: instance,
      name: "golden",
      description: "ours",
      minDisk: 40,
      minRam: 512,
      maxRam: 4096,
      tags: { team: "web", stage: "test" },
      nicMultiqueue: true,
      sriovDriver: false,
      imageType: "system",
      architecture: "localDisk",
      onDelete: "unshare",
      region: "local",
      account: "default",
    }),
  ],
  [
    "ImageConversion",
    ({ image }) => ({ imageId: image, name: "cloud", architecture: "cloudDisk", minDisk: 30 }),
  ],
  ["ImageShare", ({ image }) => ({ imageId: image, memberId: "web", region: "local" })],
  [
    "Instance",
    ({ image }) => ({
      imageId: image,
      systemDisk: { type: "localDisk", size: 40 },
      dataDisks: [{ size: 10 }, { size: 20 }],
      tags: { a: "b" },
      architecture: "localDisk",
    }),
  ],
  [
    "Instance",
    ({ diskFile }) => ({
      diskFile,
      os: { osType: "linux", osName: "Ubuntu", cpuArchitecture: "x86_64" },
      systemDisk: { type: "cloudDisk", size: 40 },
    }),
  ],
  ["Volume", () => ({ name: "data", size: 10, tags: { a: "b" } })],
];

describe("an unknown value", () => {
  let stack: Stack;
  const ids = { instance: "", image: "", diskFile: "" };
  before(async () => {
    stack = await Stack.create(TEAM);
    await stack.up("Instance", "builder", {
      imageId: "img-pub-ubuntu-16-04",
      systemDisk: { type: "localDisk", size: 20 },
    });
    ids.instance = stack.state("builder").id;
    await stack.up("PrivateImage", "source", { instanceId: ids.instance });
    ids.image = stack.state("source").id;
    ids.diskFile = join(stack.folder, "disk.raw");
    await writeFile(ids.diskFile, Buffer.alloc(512));
  });
  after(() => stack.destroy());

  it("in any place of a right program never throws and is never a violation", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...RIGHT),
        fc.infiniteStream(fc.boolean()),
        async ([type, args], stream) => {
          const unknown = () => stream.next().value as boolean;
          stack.newRun();
          const program = withUnknowns(args(ids), unknown) as Properties;
          const { inputs, violations } = await stack.check(type, "subject", program);
          expect(violations).to.deep.equal([]);
          for (const [name, value] of Object.entries(program)) expect(inputs[name]).to.deep.equal(value);
          stack.lifecycle(type).diff("id", { ...inputs }, inputs);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("leaves other violations to be found", async () => {
    const { violations } = await stack.check("PrivateImage", "subject", {
      instanceId: SENTINEL,
      name: SENTINEL,
      minRam: 2048,
      maxRam: 1024,
    });
    expect(violations.map(({ property }) => property)).to.deep.equal(["minRam"]);
  });
});

function withUnknowns(value: unknown, unknown: () => boolean, depth = 0): unknown {
  if (depth > 0 && unknown()) return SENTINEL;
  if (Array.isArray(value)) return value.map((item) => withUnknowns(item, unknown, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withUnknowns(item, unknown, depth + 1)]),
  );
}

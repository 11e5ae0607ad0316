import { expect } from "chai";
import fc from "fast-check";
import { images } from "../support/engines";
import { makeProject } from "../support/project";
import { isInstalled } from "../support/tools";
import { look } from "../support/world";

/** A statement of a random program; numbers choose among the names declared before it. */
const statement = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("instance"),
      of: fc.nat(9),
      type: fc.constantFrom("localDisk", "cloudDisk"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("image"),
      of: fc.nat(9),
      type: fc.constantFrom("localDisk", "cloudDisk"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("conversion"), of: fc.nat(9), type: fc.constant("") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("replica"),
      of: fc.nat(9),
      type: fc.constantFrom("localDisk", "cloudDisk"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("data", "volume", "export"),
      of: fc.nat(9),
      type: fc.constant(""),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("share"), of: fc.nat(9), type: fc.constantFrom("a", "b", "c") }),
  },
);
type Statement = { kind: string; of: number; type: string };

/**
 * Names stand for position and kind, so that a later version of a program keeps, changes or drops what an earlier one
 * declares. One statement in ten or so picks an image of the wrong architecture or kind, or a device that isn't there.
 */
function programOf(statements: readonly Statement[]): string {
  const lines = [
    `const vms = { localDisk: vm("vm-l", "localDisk", { dataDisks: [{ size: 1 }] }), cloudDisk: vm("vm-c", "cloudDisk") };`,
    `const data = [new PrivateImage("golden-data", { instance: vms.localDisk, imageType: "data", device: "/dev/vdb" })];`,
    `const made = { localDisk: [ubuntu], cloudDisk: [ubuntu] };`,
    `const own = (type) => made[type].slice(1);`,
    `for (const type in vms) made[type].push(new PrivateImage("golden-" + type, { instance: vms[type] }));`,
  ];
  statements.forEach(({ kind, of, type }, index) => {
    const name = JSON.stringify(`${kind}-${index}`);
    const other = type === "localDisk" ? "cloudDisk" : "localDisk";
    const pick = (list: string): string => `${list}[${of} % ${list}.length]`;
    const wrong = of === 9;
    if (kind === "instance")
      lines.push(
        `vm(${name}, "${type}", { imageId: undefined, image: ${pick(`made.${wrong ? other : type}`)} });`,
      );
    else if (kind === "image")
      lines.push(
        `made.${type}.push(new PrivateImage(${name}, { instance: vms.${type}${wrong ? `, architecture: "${other}"` : ""} }));`,
      );
    else if (kind === "conversion")
      lines.push(
        `made.cloudDisk.push(new ImageConversion(${name}, { image: ${pick(`own("${wrong ? "cloudDisk" : "localDisk"}")`)} }));`,
      );
    else if (kind === "replica")
      lines.push(
        `made.${type}.push(new ImageReplica(${name}, { image: ${pick(`own("${type}")`)}, ${replicaArgs(of)}${wrong ? `, architecture: "${other}"` : ""} }));`,
      );
    else if (kind === "data")
      lines.push(
        `data.push(new PrivateImage(${name}, { instance: vms.localDisk, imageType: "data", device: "/dev/vd${wrong ? "c" : "b"}" }));`,
      );
    else if (kind === "volume")
      lines.push(`new Volume(${name}, { image: ${wrong ? "made.localDisk[1]" : pick("data")} });`);
    else if (kind === "export")
      lines.push(
        `new ImageExport(${name}, { image: ${pick("data")}, bucketUrl: "${wrong ? "ftp://host" : "exports"}", fileFormat: "raw", name: ${name} });`,
      );
    else lines.push(`new ImageShare(${name}, { image: ${pick('own("localDisk")')}, memberId: "${type}" });`);
  });
  return lines.join("\n");
}

/** Some are sealed, some quick, where there is the tool for it. */
function replicaArgs(of: number): string {
  if (!isInstalled("qemu-img")) return "quickProvisioning: false";
  return of === 8 ? "encrypted: true" : `quickProvisioning: ${of % 2 === 0}`;
}

const region = `region: local
accounts:
  - name: default
    quotas: { privateImages: 6, membersPerImage: 2 }
  - name: a
    quotas: { acceptedShares: 2 }
  - name: b
  - name: c
`;

/** Each is two programs, previewed and deployed. More by hand: PROMISE_RUNS=50. */
const RUNS = Number(process.env.PROMISE_RUNS ?? 3);

describe("a preview's promise, over whole random programs", () => {
  it("what it lets pass, up does; what it refuses, up refuses, and changes nothing", async function () {
    this.timeout(RUNS * 100_000);
    const versions = fc.array(fc.array(statement, { minLength: 1, maxLength: 6 }), {
      minLength: 2,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(versions, async (programs) => {
        const project = await makeProject({ region });
        try {
          for (const program of programs.map(programOf)) {
            await project.write({ program });
            const before = await look(project);
            const preview = await images.run(project, "preview");
            expect((await look(project)).records).to.deep.equal(before.records);
            const refused = preview.code !== 0;
            const up = await images.run(project, "up", ...(refused ? [] : ["--skip-preview"]));
            expect(up.code, `${program}\n${preview.text}\n${up.text}`).to.equal(preview.code);
            if (refused) {
              expect(await look(project)).to.deep.equal(before);
              continue;
            }
            const again = await images.run(project, "preview", "--expect-no-changes");
            expect(again.code, `${program}\n${again.text}`).to.equal(0);
          }
        } finally {
          await project.remove();
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});

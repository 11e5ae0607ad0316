import { expect } from "chai";
import type { Engine } from "../support/engines";
import { images, pulumi } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { look, named } from "../support/world";

const program = (description: string): string => `
  const builder = vm("builder");
  const golden = new PrivateImage("golden", { instance: builder, description: "${description}" });
  const cloud = new ImageConversion("cloud", { image: golden });
  const web = vm("web", "cloudDisk", { imageId: cloud.id });
  exports.web = web.id;
  exports.hidden = pulumi.secret(golden.name);
`;

/** A stack is carried on by the other engine as if it were its own. */
function describeHandover(from: Engine, to: Engine): void {
  const suite = pulumi.available ? describe : describe.skip;
  suite(`a stack made by ${from.name}`, () => {
    const project = withProject({ program: program("first") }, async (made) =>
      succeeded(await from.run(made, "up")),
    );

    it(`is taken up by ${to.name} with no changes`, async () => {
      const before = await look(project());
      succeeded(await to.run(project(), "preview", "--expect-no-changes"));
      succeeded(await to.run(project(), "up", "--expect-no-changes"));
      succeeded(await to.run(project(), "refresh", "--expect-no-changes"));
      expect((await look(project())).records).to.deep.equal(before.records);
    });

    it(`is changed by ${to.name}, and taken back with no changes`, async () => {
      await project().write({ program: program("second") });
      succeeded(await to.run(project(), "up"));
      expect(named((await look(project())).resources, "golden").outputs!.description).to.equal("second");
      succeeded(await from.run(project(), "preview", "--expect-no-changes"));
      succeeded(await from.run(project(), "up", "--expect-no-changes"));
    });

    it(`is destroyed by ${to.name} without a trace`, async () => {
      succeeded(await to.run(project(), "destroy"));
      const { records, disks } = await look(project());
      expect(records.images).to.deep.equal([]);
      expect(disks).to.deep.equal([]);
    });
  });
}

describe("handing over", () => {
  describeHandover(images, pulumi);
  describeHandover(pulumi, images);
});

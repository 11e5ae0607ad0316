import { expect } from "chai";
import type { Engine, Verb } from "../support/engines";
import { images, pulumi } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { pulumiHome, randomPlugin } from "../support/random-plugin";
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

    it(`is changed by ${to.name}, taken back with no changes, and destroyed without a trace`, async () => {
      await project().write({ program: program("second") });
      succeeded(await to.run(project(), "up"));
      expect(named((await look(project())).resources, "golden").outputs!.description).to.equal("second");
      succeeded(await from.run(project(), "preview", "--expect-no-changes"));
      succeeded(await from.run(project(), "up", "--expect-no-changes"));

      succeeded(await to.run(project(), "destroy"));
      const { records, contents } = await look(project());
      expect(records.images).to.deep.equal([]);
      expect(contents).to.deep.equal([]);
    });
  });
}

/** Each engine with its own provider of random values: the built-in one, and Pulumi's plugin. */
function describeRandomHandover(from: Engine, to: Engine): void {
  const suite = pulumi.available && randomPlugin() ? describe : describe.skip;
  suite(`random values made by ${from.name}`, () => {
    const home = { PULUMI_HOME: pulumiHome };
    const run = (engine: Engine, verb: Verb, ...args: string[]) =>
      engine.run(engine === pulumi ? { ...project(), env: home } : project(), verb, ...args);
    const project = withProject({
      program: `
        const random = require("@pulumi/random");
        const keepers = { a: "b" };
        exports.drawn = [
          new random.RandomPet("pet", { keepers }).id,
          new random.RandomId("id", { byteLength: 4, prefix: "p-" }).hex,
          new random.RandomString("string", { length: 9, special: false }).result,
          new random.RandomPassword("password", { length: 9 }).bcryptHash,
          new random.RandomUuid("uuid").result,
          new random.RandomInteger("integer", { min: 1, max: 9 }).result,
          new random.RandomShuffle("shuffle", { inputs: ["a", "b"] }).results,
          new random.RandomBytes("bytes", { length: 4 }).hex,
        ];`,
    });

    it(`are kept by ${to.name}`, async () => {
      succeeded(await run(from, "up"));
      const before = (await look(project())).resources.map(({ urn, id }) => [urn, id]);
      succeeded(await run(to, "up", "--expect-no-changes"));
      expect((await look(project())).resources.map(({ urn, id }) => [urn, id])).to.have.deep.members(before);
      succeeded(await run(to, "destroy"));
    });
  });
}

describe("handing over", () => {
  describeRandomHandover(images, pulumi);
  describeRandomHandover(pulumi, images);
  describeHandover(images, pulumi);
  describeHandover(pulumi, images);
});

import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { expectRefusal, refuse, succeeded, withProject } from "../support/expectations";
import { named, look } from "../support/world";

/** `count` images of one instance. */
const images = (...names: string[]): string => `
const builder = vm("builder");
for (const name of ${JSON.stringify(names)}) new PrivateImage(name, { instance: builder });
`;

describeForEngines("quotas of private images", (engine) => {
  describe("in an empty account", () => {
    const project = withProject({});

    it("refuses the sixth of six planned images", async () => {
      expectRefusal(await refuse(engine, project(), { program: images("a", "b", "c", "d", "e", "f") }), [
        /^[a-f]$/,
        "instanceId",
        "Region local allows account default 5 private images",
        "0 exist and 6 are planned",
        "Declare fewer",
        "raise privateImages",
      ]);
    });

    it("counts a conversion as an image", async () => {
      const program = `${images("a", "b", "c")}
        for (const name of ["a", "b"]) new ImageConversion(name + "-cloud", { image: new PrivateImage("of-" + name, { instance: builder }) });`;
      expectRefusal(await refuse(engine, project(), { program }), [
        /./,
        /Id$/,
        "allows account default 5 private images: 0 exist and 6 are planned",
      ]);
    });
  });

  describe("in an account with five images", () => {
    const project = withProject({ program: images("a", "b", "c", "d", "e") }, async (made) => {
      succeeded(await engine.run(made, "preview"));
      succeeded(await engine.run(made, "up"));
    });

    it("let five pass, in the preview and in the deployment", async () => {
      expect((await look(project())).records.images.map(({ name }) => name).sort()).to.deep.equal([
        "a",
        "b",
        "c",
        "d",
        "e",
      ]);
    });

    it("refuses one more, and names the images that hold the places", async () => {
      const refusal = await refuse(engine, project(), {
        program: images("a", "b", "c", "d", "e", "f"),
      });
      const ids = refusal.before.records.images.map(({ id }) => id);
      expectRefusal(refusal, [
        "f",
        "instanceId",
        "5 exist and 1 is planned in this run, which makes 6",
        ...ids,
      ]);
    });

    it("refuses one swapped for another: Pulumi creates before it deletes", async () => {
      expectRefusal(await refuse(engine, project(), { program: images("a", "b", "c", "d", "f") }), [
        "f",
        "instanceId",
        "5 exist and 1 is planned",
        "Pulumi creates before it deletes",
        "delete one image in a run of its own first",
      ]);
    });

    const replaced = (opts: string): string => `${images("b", "c", "d", "e")}
      new PrivateImage("a", { instance: vm("other") }, ${opts});`;

    it("refuses a replacement, and says how it would go", async () => {
      expectRefusal(await refuse(engine, project(), { program: replaced("{}") }), [
        "a",
        "instanceId",
        "5 exist and 1 is planned",
        "set deleteBeforeReplace: true",
      ]);
    });

    it("lets a replacement pass that deletes first", async () => {
      await project().write({ program: replaced("{ deleteBeforeReplace: true }") });
      const before = named((await look(project())).resources, "a").id;
      succeeded(await engine.run(project(), "preview"));
      succeeded(await engine.run(project(), "up"));
      const { resources, records } = await look(project());
      expect(records.images).to.have.length(5);
      expect(named(resources, "a").id).not.to.equal(before);
    });
  });
});

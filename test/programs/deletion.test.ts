import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { look, named, resources } from "../support/world";

const region = "region: local\naccounts:\n  - name: default\n  - name: friend\n";

describeForEngines("deletion of an image", (engine) => {
  /** Each image has a share that the stack forgets without cancelling it. */
  const shared = (image: string, onDelete?: string): string => `
    const ${image} = new PrivateImage("${image}", { instance: builder, onDelete: ${JSON.stringify(onDelete)} });
    new ImageShare("${image}-share", { image: ${image}, memberId: "friend" }, { retainOnDelete: true });
  `;
  const project = withProject(
    {
      region,
      program: `const builder = vm("builder"); ${shared("guarded")} ${shared("unshared", "unshare")} ${shared("retained", "retain")}
        const plain = new PrivateImage("plain", { instance: builder });
        vm("offspring", "localDisk", { imageId: plain.id });`,
    },
    async (made) => succeeded(await engine.run(made, "up")),
  );
  const names = async () => (await look(project())).records.images.map(({ name }) => name).sort();

  it("leaves what was made from it, and treats members as onDelete says: cancels, leaves the image, or lists and refuses", async () => {
    const offspring = named(await resources(project()), "offspring");
    await project().write({
      program: `const builder = vm("builder"); ${shared("guarded")}
        vm("offspring", "localDisk", { imageId: ${JSON.stringify(offspring.outputs!.imageId)} });`,
    });
    succeeded(await engine.run(project(), "up"));
    expect(await names()).to.deep.equal(["guarded", "retained"]);
    const { records } = await look(project());
    expect(records.instances.map(({ name }) => name)).to.include("offspring");
    expect(records.shares).to.have.length(2);
    expect(records.instances.find(({ name }) => name === "offspring")!.id).to.equal(offspring.id);

    await project().write({
      program: `vm("builder"); vm("offspring", "localDisk", { imageId: ${JSON.stringify(offspring.outputs!.imageId)} });`,
    });
    const run = await engine.run(project(), "up");
    expect(run.code).to.equal(1);
    expect(run.text.replace(/\s+/g, " ")).to.include(
      "is shared with 1 account: friend. Cancel the shares first",
    );
    expect(await names()).to.include("guarded");
    expect(named(await resources(project()), "guarded").id).to.match(/./);
  });
});

import { expect } from "chai";
import type { LineageStep } from "../../sdk";
import { describeForEngines } from "../support/engines";
import { expectRefusal, refuse, succeeded, withProject } from "../support/expectations";
import { asAccount, type Project } from "../support/project";
import { regionUnderTest } from "../support/regions/region-under-test";
import { look, outputs } from "../support/world";

const REGION = "region: local\naccounts: [{ name: platform }, { name: web }]\n";

const OWNERS = (shares: boolean): string => `
  const builder = vm("builder");
  const golden = new PrivateImage("golden", { instance: builder, tags: { stage: "prod" } });
  ${shares ? 'new ImageShare("golden-to-web", { image: golden, memberId: "web" });' : ""}
`;

const MEMBERS = `
  const golden = getImageOutput({ visibility: "shared", tags: { stage: "prod" } });
  const web = new Instance("web", { imageId: golden.id, systemDisk: { type: "localDisk", size: 20 } });
  exports.lineage = web.lineage;
  exports.owner = golden.account;
`;

describeForEngines("a member of an image, whose program is no one else", (engine) => {
  const platform = withProject({ region: REGION });
  const web = withProject({ region: REGION });
  let [owner, member]: Project[] = [];
  before(async () => {
    const { region } = platform();
    owner = await asAccount(platform(), region, "platform");
    member = await asAccount(web(), region, "web");
    await owner.write({ program: OWNERS(true) });
    await member.write({ program: MEMBERS });
    succeeded(await engine.run(owner, "up"));
  });

  it("finds it by its tags, makes an instance of it, and sees nothing changed when run again", async () => {
    succeeded(await engine.run(member!, "up"));
    succeeded(await engine.run(member!, "refresh", "--expect-no-changes"));
    succeeded(await engine.run(member!, "preview", "--expect-no-changes"));
    expect(await outputs(member!)).to.include({ owner: "platform" });
  });

  it("learns the offered image that it began as, and in a team's region not the instance that it was made of", async () => {
    const { lineage } = (await outputs(member!)) as unknown as { lineage: LineageStep[] };
    const steps = ["image", "instance", "image"];
    expect(lineage.map(({ type }) => type)).to.deep.equal(
      regionUnderTest === "team" ? steps.filter((type) => type === "image") : steps,
    );
    expect(lineage.at(-1)).to.include({ type: "image", id: "img-pub-ubuntu-16-04" });
  });

  it("keeps what it made of it when the share is cancelled, and is refused another one", async () => {
    await owner!.write({ program: OWNERS(false) });
    succeeded(await engine.run(owner!, "up"));
    const { instances } = (await look(member!)).records;
    expect(instances.map(({ name }) => name))
      .to.include.members(["builder"])
      .and.to.have.length(2);
    const imageId = instances.find(({ account }) => account === "web")!.imageId!;
    const late = `new Instance("late", { imageId: "${imageId}", systemDisk: { type: "localDisk", size: 20 } });`;
    expectRefusal(await refuse(engine, member!, { program: late }), ["late", "imageId", imageId]);
  });
});

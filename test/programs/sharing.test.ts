import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { describeRefusals, expectRefusal, refuse, succeeded, withProject } from "../support/expectations";
import { look, named } from "../support/world";

const MEMBERS = ["m1", "m2", "m3", "m4", "m5", "m6"];
const region = `
region: north
accounts:
  - name: owner
    quotas: { privateImages: 8 }
${["friend", ...MEMBERS].map((name) => `  - name: ${name}`).join("\n")}
`;

describeRefusals(
  "wrong shares",
  {
    region,
    program: `
      const builder = vm("builder");
      const popular = new PrivateImage("popular", { instance: builder });
      for (const memberId of ${JSON.stringify(MEMBERS)}) new ImageShare("popular-to-" + memberId, { image: popular, memberId });
      for (let i = 1; i <= 6; i++)
        new ImageShare("friend-takes-" + i, { image: new PrivateImage("gift-" + i, { instance: builder }), memberId: "friend" });
      new ImageShare("to-itself", { image: popular, memberId: "owner" });
      new ImageShare("to-nobody", { image: popular, memberId: "ghost" });
      new ImageShare("by-a-member", { image: popular, memberId: "m6", account: "m1" });
      new ImageShare("of-a-public-image", { imageId: ubuntu, memberId: "m6" });
    `,
  },
  [
    [
      "the sixth member of an image",
      "popular-to-m6",
      "imageId",
      "In region north image popular",
      "can have 5 members: 0 exist and 6 are planned",
      "raise membersPerImage",
    ],
    [
      "the sixth image that an account takes",
      "friend-takes-6",
      "memberId",
      "Region north lets account friend take 5 shared images: 0 exist and 6 are planned",
      "raise acceptedShares",
    ],
    [
      "a share with oneself",
      "to-itself",
      "memberId",
      "The image belongs to account owner itself. Name another account.",
    ],
    [
      "a share with nobody",
      "to-nobody",
      "memberId",
      "Region north has no account ghost. Its accounts are owner, friend, m1",
    ],
    ["a share by a member", "by-a-member", "imageId", "belongs to account owner"],
    ["a share of what is offered to everyone", "of-a-public-image", "imageId", "is offered to every account"],
  ],
);

describeForEngines("an image that is shared", (engine) => {
  const base = `
      const builder = vm("builder");
      const golden = new PrivateImage("golden", { instance: builder });
    `;
  const project = withProject({
    region,
    program: `${base} new ImageShare("share", { image: golden, memberId: "friend" });`,
  });
  let goldenId: string;

  before(async () => {
    succeeded(await engine.run(project(), "up"));
    goldenId = named((await look(project())).resources, "golden").id!;
  });

  it("serves its member's instances and nothing else of it", async () => {
    const program = `${base}
        const share = new ImageShare("share", { image: golden, memberId: "friend" });
        const theirs = { account: "friend" };
        new ImageConversion("converted", { ...theirs, imageId: ${JSON.stringify(goldenId)} });
        new PrivateImage("changed", { ...theirs, adoptId: ${JSON.stringify(goldenId)}, description: "mine now" });
        new ImageShare("passed-on", { ...theirs, imageId: ${JSON.stringify(goldenId)}, memberId: "m2" });
        new Instance("stranger", { account: "m1", imageId: ${JSON.stringify(goldenId)}, systemDisk: { type: "localDisk" } });
      `;
    expectRefusal(
      await refuse(engine, project(), { program }),
      [
        "converted",
        "imageId",
        "belongs to account owner and is only shared with account friend, which can't convert it",
      ],
      ["changed", "adoptId", "belongs to account owner", "can't change or delete it"],
      ["passed-on", "imageId", "can't share it"],
      ["stranger", "imageId", "isn't shared with account m1", "ImageShare with memberId m1"],
    );
  });

  it("can be shared with another account once the share is cancelled, in a second run; an instance of the member stays when that is cancelled too", async () => {
    await project().write({
      program: `${base} new ImageShare("other", { image: golden, memberId: "m1" });`,
    });
    succeeded(await engine.run(project(), "preview"));
    succeeded(await engine.run(project(), "up"));
    const { records } = await look(project());
    expect(records.shares.map(({ memberId }) => memberId)).to.deep.equal(["m1"]);

    const instance = `new Instance("theirs", { account: "m1", imageId: golden.id, systemDisk: { type: "localDisk" } }`;
    await project().write({
      program: `${base} const other = new ImageShare("other", { image: golden, memberId: "m1" }); ${instance}, { dependsOn: other });`,
    });
    succeeded(await engine.run(project(), "up"));
    await project().write({ program: `${base} ${instance});` });
    succeeded(await engine.run(project(), "up"));
    const left = (await look(project())).records;
    expect(left.shares).to.deep.equal([]);
    expect(left.instances.map(({ name }) => name)).to.include("theirs");
  });
});

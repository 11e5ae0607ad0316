import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { ImageConversion, ImageShare, Instance, PrivateImage } from "../../sdk";
import type { ImageShareArgs } from "../../sdk";
import { recordDeclarations, registered } from "./mocks";

const GOLDEN = "urn:pulumi:stack::project::pulumi-nodejs:dynamic/images:PrivateImage::golden";

describe("a reference to another resource", () => {
  const cases: [string, (golden: PrivateImage) => Partial<ImageShareArgs>, Record<string, unknown>][] = [
    [
      "is the resource itself: its ID and its URN go on",
      (golden) => ({ image: golden }),
      { imageId: "golden-id", imageDeclaredBy: GOLDEN },
    ],
    [
      "is the resource's ID: the URN behind it is found",
      (golden) => ({ imageId: golden.id }),
      { imageId: "golden-id", imageDeclaredBy: GOLDEN },
    ],
    [
      "is derived from the resource's ID: the URN behind it is found",
      (golden) => ({ imageId: golden.id.apply((id) => id) }),
      { imageId: "golden-id", imageDeclaredBy: GOLDEN },
    ],
    ["is a plain ID: no URN is known", () => ({ image: "img-1" }), { imageId: "img-1" }],
    [
      "is an Output of nothing of ours: no URN is known",
      () => ({ image: pulumi.output("img-1") }),
      { imageId: "img-1" },
    ],
    [
      "comes from several images: no URN is known",
      (golden) => ({
        imageId: pulumi.all([golden.id, new PrivateImage("other", {}).id]).apply(([id]) => id),
      }),
      { imageId: "golden-id" },
    ],
    [
      "is another property of a resource of ours: it isn't taken for that resource's ID",
      (golden) => ({ imageId: new ImageConversion("conversion", { image: golden }).imageId as never }),
      { imageId: "golden-id" },
    ],
    [
      "is the ID of an image that is only looked up: no URN is known",
      () => ({ image: PrivateImage.get("looked-up", "img-7") }),
      { imageId: "img-7" },
    ],
    [
      "is spelled twice: both go on, for check to refuse",
      (golden) => ({ image: golden, imageId: "img-1" }),
      { image: "golden-id", imageId: "img-1" },
    ],
  ];
  for (const [title, args, expected] of cases) {
    it(title, async () => {
      const declared = recordDeclarations();
      const golden = new PrivateImage("golden", {});
      await registered(new ImageShare("share", { memberId: "m", ...args(golden) }));
      const { inputs } = declared.find(({ name }) => name === "share")!;
      const { imageId, imageDeclaredBy, image } = inputs;
      expect(JSON.parse(JSON.stringify({ imageId, imageDeclaredBy, image }))).to.deep.equal(expected);
    });
  }

  it("shows the URN in a preview too, where the ID is unknown", async () => {
    const declared = recordDeclarations(true);
    const golden = new PrivateImage("golden", {});
    await registered(new ImageShare("share", { imageId: golden.id, memberId: "m" }));
    expect(declared[1]!.inputs.imageDeclaredBy).to.equal(GOLDEN);
    expect(declared[1]!.inputs).not.to.have.property("imageId", "golden-id");
  });

  it("to a resource of another class is refused by name", () => {
    recordDeclarations();
    const web = new Instance("web", { systemDisk: { type: "localDisk" } });
    expect(() => new ImageShare("share", { image: web as never, memberId: "m" })).to.throw(
      "ImageShare share: image takes a PrivateImage, an ImageConversion or an ImageReplica, or an ID, but was given the Instance web",
    );
  });
});

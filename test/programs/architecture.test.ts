import { describeForEngines } from "../support/engines";
import { describeRefusals, expectRefusal, refuse, succeeded, withProject } from "../support/expectations";
import { look, named } from "../support/world";
import { beginConversion } from "../support/regions/being-made";

const region =
  "region: local\naccounts:\n  - name: default\n    quotas: { privateImages: 20 }\n  - name: friend\n";

describeRefusals(
  "wrong architectures of what doesn't exist yet",
  {
    region,
    program: `
      const local = new PrivateImage("local", { instance: vm("local-vm", "localDisk") });
      const cloud = new PrivateImage("cloud", { instance: vm("cloud-vm", "cloudDisk") });
      vm("cloud-from-local", "cloudDisk", { imageId: local.id });
      vm("local-from-cloud", "localDisk", { imageId: undefined, image: cloud });
      new PrivateImage("stated", { instance: vm("stated-vm", "localDisk"), architecture: "cloudDisk" });
      vm("stated-instance", "localDisk", { architecture: "cloudDisk" });
      const converted = new ImageConversion("converted", { image: local });
      new ImageConversion("converted-again", { image: converted });
      new ImageConversion("converted-cloud", { image: cloud });
      new ImageConversion("converted-public", { imageId: ubuntu });
      new ImageConversion("converted-back", { image: new PrivateImage("other", { instance: vm("other-vm") }), architecture: "localDisk" });
      vm("local-from-converted", "localDisk", { imageId: converted.id });
    `,
  },
  [
    [
      "a localDisk image for an instance with a cloud system disk",
      "cloud-from-local",
      "imageId",
      "Image local (planned in this run) is a localDisk image and serves only instances whose system disk is a localDisk; this instance's is a cloudDisk",
      "make a cloudDisk image of it with ImageConversion",
    ],
    [
      "a cloudDisk image for an instance with a local system disk",
      "local-from-cloud",
      "imageId",
      "Image cloud (planned in this run) is a cloudDisk image",
      "there is no conversion from cloudDisk to localDisk",
    ],
    [
      "a conversion's image for an instance with a local system disk",
      "local-from-converted",
      "imageId",
      "Image converted (planned in this run) is a cloudDisk image",
    ],
    [
      "a stated architecture that contradicts the instance of the same program",
      "stated",
      "architecture",
      "The program states cloudDisk, but the architecture is inherited, never chosen: it is localDisk, from instance stated-vm (planned in this run)",
      "Leave architecture out, state localDisk, or name a source that is cloudDisk",
    ],
    [
      "an instance's stated architecture that its system disk contradicts",
      "stated-instance",
      "architecture",
      "The program states cloudDisk",
    ],
    [
      "the conversion of a cloudDisk image",
      "converted-cloud",
      "imageId",
      "Image cloud (planned in this run) is a cloudDisk image already",
    ],
    [
      "the conversion of a conversion",
      "converted-again",
      "imageId",
      "Image converted (planned in this run) is a cloudDisk image already",
    ],
    [
      "the conversion of a public image",
      "converted-public",
      "imageId",
      "is offered to every account; only a private image can be converted",
    ],
    [
      "a conversion that states localDisk",
      "converted-back",
      "architecture",
      "a conversion makes a cloudDisk image and there is no way back",
    ],
  ],
);

describeForEngines("the architecture of images that stand", (engine) => {
  const base = `
      const local = new PrivateImage("local", { instance: vm("local-vm", "localDisk") });
      const cloud = new PrivateImage("cloud", { instance: vm("cloud-vm", "cloudDisk") });
    `;
  const project = withProject(
    { region, program: `${base} vm("web", "localDisk", { imageId: local.id }); vm("db", "cloudDisk");` },
    async (made) => {
      succeeded(await engine.run(made, "up"));
    },
  );

  it("is held at a rebuild as at a creation", async () => {
    const program = `${base} vm("web", "localDisk", { imageId: cloud.id }); vm("db", "cloudDisk", { imageId: local.id });`;
    const { resources } = await look(project());
    expectRefusal(
      await refuse(engine, project(), { program }),
      [
        "web",
        "imageId",
        `Image cloud (${named(resources, "cloud").id}) is a cloudDisk image and serves only`,
        "this instance's is a localDisk",
      ],
      [
        "db",
        "imageId",
        `Image local (${named(resources, "local").id}) is a localDisk image and serves only`,
        "this instance's is a cloudDisk",
      ],
    );
  });

  it("is refused where stated otherwise for an image by ID", async () => {
    const { resources } = await look(project());
    const vmId = named(resources, "cloud-vm").id;
    expectRefusal(
      await refuse(engine, project(), {
        program: `${base} new PrivateImage("stated", { instanceId: ${JSON.stringify(vmId)}, architecture: "localDisk" });`,
      }),
      ["stated", "architecture", "it is cloudDisk, from instance cloud-vm", vmId!],
    );
  });

  it("refuses to convert what is being converted already", async () => {
    const { resources } = await look(project());
    const end = await beginConversion(project().region, named(resources, "local").id!);
    try {
      expectRefusal(
        await refuse(engine, project(), {
          program: `${base} new ImageConversion("second", { image: local });`,
        }),
        ["second", "imageId", "Image local", "is being converted, to", "Wait until that is done"],
      );
    } finally {
      await end();
    }
  });
});

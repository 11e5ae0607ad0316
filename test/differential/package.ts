import type { Scenario } from "../support/scenario";

const accounts =
  "region: local\naccounts:\n  - name: default\n    quotas: { privateImages: 20 }\n  - name: friend\n";

/** Programs of this package's own resources. */
export const PACKAGE: Scenario[] = [
  {
    name: "every-kind-of-resource",
    region: accounts,
    steps: [
      {
        title: "creates",
        verb: "up",
        program: `
          const builder = vm("builder", "localDisk", { dataDisks: [{ size: 1 }], tags: { role: "build" } });
          const golden = new PrivateImage("golden", { instance: builder, name: pulumi.interpolate\`golden of \${builder.name}\` });
          const cloud = new ImageConversion("cloud", { image: golden, description: "for cloud disks" });
          new ImageShare("share", { image: cloud, memberId: "friend" });
          const web = vm("web", "cloudDisk", { imageId: cloud.id });
          new Volume("disk", { size: 2 });
          const data = new PrivateImage("data", { instance: builder, imageType: "data", device: "/dev/vdb" });
          new Volume("copy", { image: data });
          new ImageReplica("replica", { image: golden, tags: { of: golden.name } });
          new ImageExport("export", { image: data, bucketUrl: "exports", fileFormat: "raw" });
          exports.golden = golden.id;
          exports.secret = pulumi.secret(web.id);
          exports.quotas = getQuotas({}).then((quotas) => quotas.privateImages.limit);`,
      },
      { title: "changes nothing", verb: "up" },
      { title: "refreshes", verb: "refresh" },
      {
        title: "updates, replaces, deletes",
        verb: "up",
        program: `
          const builder = vm("builder", "localDisk", { dataDisks: [{ size: 1 }], tags: { role: "built" } });
          const golden = new PrivateImage("golden", { instance: vm("other"), name: "golden" });
          new ImageReplica("replica", { image: golden, tags: { of: "golden" } });
          const web = vm("web", "localDisk", { imageId: golden.id });
          exports.golden = golden.id;`,
      },
      { title: "destroys", verb: "destroy" },
    ],
  },
  {
    name: "options-of-resources",
    region: accounts,
    steps: [
      {
        title: "creates",
        verb: "up",
        program: `
          class Fleet extends pulumi.ComponentResource {
            constructor(name, opts) {
              super("test:index:Fleet", name, {}, opts);
              this.builder = vm("builder", "localDisk", {}, { parent: this });
              this.golden = new PrivateImage("golden", { instance: this.builder }, { parent: this, deleteBeforeReplace: true });
              this.registerOutputs({ golden: this.golden.id });
            }
          }
          const fleet = new Fleet("fleet", { protect: false });
          vm("web", "localDisk", { imageId: fleet.golden.id }, { dependsOn: fleet });
          new Volume("kept", { size: 1 }, { retainOnDelete: true });
          new Volume("still", { size: 1, tags: { a: "1" } }, { ignoreChanges: ["tags"] });`,
      },
      {
        title: "replaces delete-first, with what depends on it",
        verb: "up",
        program: `
          class Fleet extends pulumi.ComponentResource {
            constructor(name, opts) {
              super("test:index:Fleet", name, {}, opts);
              this.builder = vm("builder", "localDisk", { dataDisks: [{ size: 3 }] }, { parent: this });
              this.golden = new PrivateImage("golden", { instance: this.builder }, { parent: this, deleteBeforeReplace: true });
              this.registerOutputs({ golden: this.golden.id });
            }
          }
          const fleet = new Fleet("fleet", { protect: false });
          vm("web", "localDisk", { imageId: fleet.golden.id }, { dependsOn: fleet });
          new Volume("still", { size: 1, tags: { a: "2" } }, { ignoreChanges: ["tags"] });`,
      },
    ],
  },
];

import { things } from "./things";

export const PARENTS = [
  things("trees of components, and moves between parents", [
    {
      title: "creates",
      verb: "up",
      program: `
        const outer = new Group("outer", (inside) => {
          const inner = new Group("inner", (within) => ({ serial: new Thing("leaf", { value: 1 }, within).serial }), inside);
          return { inner: inner.outputs.serial, secret: pulumi.secret("hidden"), list: [1, { a: null, b: undefined }] };
        });
        new Group("empty");
        new Group("moving", (inside) => void new Thing("moved-with", {}, inside));
        new Group("renamed", (inside) => { new Thing("renamed-child", {}, inside); new Group("renamed-inner", (within) => void new Thing("grandchild", {}, within), inside); });
        new Group("retyped", (inside) => void new Thing("retyped-child", {}, inside));
        const left = new Group("left", (inside) => {
          for (const name of ["unaliased", "aliased", "by-urn", "to-root"]) new Thing(name, { value: name }, inside);
        });
        new Group("right");
        new Thing("from-root", {});
        new Thing("under-thing", {}, { parent: new Thing("thing-parent") });
        new Thing("old-name", {});
        new Thing("depends-on-tree", {}, { dependsOn: outer });
        new Group("component-depends", (inside) => void new Thing("depends-child", {}, inside), { dependsOn: [left, outer] });
        exports.outer = outer;`,
    },
    {
      title: "moves",
      verb: "up",
      program: `
        const outer = new Group("outer", (inside) => ({ inner: "flat", leaf: new Thing("leaf", { value: 1 }, inside).serial }));
        const home = new Group("home");
        new Group("moving", (inside) => void new Thing("moved-with", {}, inside), { parent: home, aliases: [{ parent: pulumi.rootStackResource }] });
        new Group("named", (inside) => { new Thing("named-child", {}, inside); new Group("named-inner", (within) => void new Thing("grandchild", {}, within), inside); }, { aliases: [{ name: "renamed" }] });
        new Group("retyped", (inside) => void new Thing("retyped-child", {}, inside), { aliases: [{ type: "test:index:Group" }] }, "test:index:Retyped");
        const left = new Group("left");
        const right = new Group("right", (inside) => {
          new Thing("unaliased", { value: "unaliased" }, inside);
          new Thing("aliased", { value: "aliased" }, { ...inside, aliases: [{ parent: left }] });
          new Thing("by-urn", { value: "by-urn" }, { ...inside, aliases: ["urn:pulumi:dev::program::test:index:Group$pulumi-nodejs:dynamic/test:Thing::by-urn"] });
          new Thing("from-root", {}, { ...inside, aliases: [{ parent: pulumi.rootStackResource }, { name: "never-was" }] });
        });
        new Thing("to-root", { value: "to-root" }, { aliases: [{ parent: left }] });
        const other = new Thing("thing-parent-2");
        new Thing("under-thing", {}, { parent: other, aliases: [{ name: "x" }] });
        const renamed = new Thing("new-name", {}, { aliases: ["urn:pulumi:dev::program::pulumi-nodejs:dynamic/test:Thing::nobody", { name: "old-name" }] });
        new Thing("depends-on-tree", {}, { dependsOn: [home, renamed] });
        new Group("component-depends", (inside) => void new Thing("depends-child", { value: renamed.serial }, inside), { dependsOn: right });`,
    },
    { title: "takes the names as they are", verb: "up" },
    { title: "refreshes", verb: "refresh" },
    {
      title: "deletes the most of it",
      verb: "up",
      program: `new Group("home", (inside) => void new Thing("late", {}, { ...inside, dependsOn: [] }), { dependsOn: new Thing("first") });`,
    },
    { title: "destroys", verb: "destroy" },
  ]),
];

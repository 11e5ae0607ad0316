import type { ThingStep } from "./things";
import { MODULES, read, things } from "./things";

const before = `const before = new Thing("before"); exports.before = before.serial;`;

const ESM = `import * as pulumi from "@pulumi/pulumi"; import { Thing } from "./thing.cjs"; const a = new Thing("a", { size: 4 });`;

const ESM_STEPS: ThingStep[] = [
  { title: "runs", verb: "up" },
  {
    title: "throws",
    verb: "up",
    files: { "index.mjs": `${ESM} await new Promise((done) => a.id.apply(done)); throw new Error("late");` },
  },
  {
    title: "waits for what fails",
    verb: "up",
    files: { "index.mjs": `${ESM} export const serial = await Promise.reject(new Error("no serial"));` },
  },
  { title: "imports what isn't there", verb: "up", files: { "index.mjs": `import "./nowhere.mjs"; ${ESM}` } },
  {
    title: "imports a name that isn't there",
    verb: "up",
    files: { "index.mjs": `import { none } from "./more.mjs"; ${ESM} export { none };` },
  },
  { title: "isn't of the syntax", verb: "up", files: { "index.mjs": `${ESM} export const = 1;` } },
  {
    title: "has a resource that fails",
    verb: "up",
    files: {
      "index.mjs": `${ESM} const b = new Thing("b", { value: a.serial }); export const bId = b.id; export const size = a.size;`,
      "thing-provider/things.json": `{ "b": { "create": "fails" } }`,
    },
  },
  {
    title: "works again, and exports one value",
    verb: "up",
    files: {
      "index.mjs": `${ESM} export default { serial: a.serial, nested: [await Promise.resolve(1)] };`,
      "thing-provider/things.json": "{}",
    },
  },
];

export const PROGRAMS = [
  things("user errors at every moment", [
    { title: "before anything", verb: "up", program: `throw new Error("at once");` },
    { title: "in the syntax", verb: "up", program: `const a = ;` },
    { title: "a module that isn't there", verb: "up", program: `${before} require("./nowhere");` },
    {
      title: "nothing to run",
      verb: "up",
      files: { "package.json": `{ "name": "program", "main": "missing.js" }` },
    },
    {
      title: "between resources",
      verb: "up",
      files: { "package.json": `{ "name": "program", "main": "index.js" }` },
      program: `${before} before.serial.apply(() => { setTimeout(() => { new Thing("after-late"); }, 0); throw new Error("between"); }); new Thing("between", {}, { dependsOn: before });`,
    },
    { title: "works", verb: "up", program: `${before} new Thing("doomed"); exports.doomed = 1;` },
    {
      title: "after all of them",
      verb: "up",
      program: `${before} exports.after = 1; before.id.apply(() => process.nextTick(() => { throw new Error("after"); }));`,
    },
    {
      title: "a rejected promise",
      verb: "up",
      program: `${before} void Promise.reject(new Error("rejected"));`,
    },
    {
      title: "a rejected promise as an input",
      verb: "up",
      program: `${before} new Thing("rejected", { value: Promise.reject(new Error("no value")) });`,
    },
    {
      title: "a rejected promise as an output of the stack",
      verb: "up",
      program: `${before} exports.rejected = Promise.reject(new Error("no output"));`,
    },
    {
      title: "a rejected value that is no error",
      verb: "up",
      program: `${before} Promise.reject("only text");`,
    },
    {
      title: "in apply",
      verb: "up",
      program: `${before} exports.applied = before.serial.apply(() => { throw new Error("in apply"); });`,
    },
    {
      title: "in a component",
      verb: "up",
      program: `${before} new Group("group", (inside) => { new Thing("inside", {}, inside); throw new Error("in component"); });`,
    },
    { title: "of its own kind", verb: "up", program: `${before} throw new pulumi.RunError("told plainly");` },
    {
      title: "of a resource",
      verb: "up",
      program: `${before} throw new pulumi.ResourceError("told of it", before, true);`,
    },
    {
      title: "logged",
      verb: "up",
      program: `${before} pulumi.log.error("logged", before); pulumi.log.warn("warned");`,
    },
    {
      title: "the same name twice",
      verb: "up",
      program: `${before} const twice = new Thing("twice"); new Thing("twice", {}, { dependsOn: twice });`,
    },
    {
      title: "an async program that is rejected",
      verb: "up",
      program: `${before} module.exports = async () => { const late = new Thing("late"); await new Promise((done) => late.id.apply(done)); throw new Error("async"); };`,
    },
    { title: "what isn't configured", verb: "up", program: `config.require("nothing");` },
    {
      title: "what can't be serialized",
      verb: "up",
      program: `${before} new Thing("function", { value: () => 1 });`,
    },
  ]),

  things("ends of programs", [
    { title: "empty", verb: "up", program: `` },
    { title: "exit with 0 before its resources", verb: "up", program: `${before} process.exit(0);` },
    { title: "works", verb: "up", program: `${before} new Thing("doomed");` },
    { title: "exit with 0 at the beginning", verb: "up", program: `process.exit(0);` },
    {
      title: "exit with 3",
      verb: "up",
      program: `${before} before.id.apply(() => setTimeout(() => process.exit(3), 300));`,
    },
    { title: "exit code set", verb: "up", program: `${before} process.exitCode = 4;` },
    {
      title: "killed by itself",
      verb: "up",
      program: `${before} before.id.apply(() => setTimeout(() => process.kill(process.pid, "SIGKILL"), 300));`,
    },
    {
      title: "a hanging handle that ends",
      verb: "up",
      program: `${before} setTimeout(() => { new Thing("from-timer", { value: 1 }); }, 500); setInterval(() => {}, 1000).unref();`,
    },
    {
      title: "a handle that never ends, and Ctrl-C",
      verb: "up",
      program: `${before} before.id.apply(() => { console.log("hangs"); setInterval(() => {}, 1000); }); exports.late = 1;`,
      interruptedAt: "hangs",
    },
    {
      title: "async",
      verb: "up",
      program: `
        module.exports = async () => {
          const a = await new Promise((done) => setTimeout(() => done(new Thing("a")), 20));
          const serial = await new Promise((done) => a.serial.apply(done));
          return { made: new Thing("by-" + serial).id };
        };`,
    },
    {
      title: "a dynamic provider of its own",
      verb: "up",
      program: `
        const own = { create: async (inputs) => ({ id: "own-id", outs: { ...inputs, twice: inputs.x * 2 } }), diff: async (id, olds, news) => ({ changes: olds.x !== news.x }) };
        class Mine extends pulumi.dynamic.Resource { constructor(name, args, opts) { super(own, name, { twice: undefined, ...args }, opts); } }
        exports.twice = new Mine("mine", { x: 2 }).twice;`,
    },
    { title: "empty again", verb: "up", program: `` },
  ]),

  things(
    "a program in TypeScript",
    [
      { title: "runs", verb: "up" },
      {
        title: "has errors of types",
        verb: "up",
        files: {
          "index.ts": `import * as pulumi from "@pulumi/pulumi"; const n: number = "text"; export const x = pulumi.output(n);`,
        },
      },
    ],
    {
      ...MODULES,
      "thing.d.ts": `import * as pulumi from "@pulumi/pulumi"; export declare class Thing extends pulumi.CustomResource { readonly serial: pulumi.Output<number>; constructor(name: string, args?: object, opts?: pulumi.CustomResourceOptions); }`,
      "index.ts": `
        import * as pulumi from "@pulumi/pulumi";
        import { Thing } from "./thing";
        enum Place { Here = "here" }
        const things: Thing[] = [1, 2].map((value) => new Thing("thing-" + value, { value, place: Place.Here }));
        export const serials: pulumi.Output<number[]> = pulumi.all(things.map(({ serial }) => serial));
        export default pulumi.secret("default");`,
      "tsconfig.json": `{ "compilerOptions": { "strict": true, "module": "commonjs", "target": "es2020", "moduleResolution": "node" } }`,
    },
  ),

  things("a program of ECMAScript modules", ESM_STEPS, {
    "package.json": `{ "name": "program", "type": "module", "main": "index.mjs" }`,
    "thing.cjs": read("thing"),
    "thing-provider/package.json": `{ "main": "index.cjs" }`,
    "thing-provider/index.cjs": read("thing-provider"),
    "index.mjs": `
        import * as pulumi from "@pulumi/pulumi";
        import { Thing } from "./thing.cjs";
        const { size } = await import("./more.mjs");
        const a = new Thing("a", { size });
        export const serial = a.serial;
        export const shown = await new Promise((done) => a.shown.apply(done));`,
    "more.mjs": `export const size = 3;`,
  }),
];

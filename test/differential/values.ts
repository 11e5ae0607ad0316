import { things } from "./things";

export const VALUES = [
  things("secrets everywhere", [
    {
      title: "creates",
      verb: "up",
      files: {
        "Pulumi.dev.yaml":
          "config:\n  program:shown: plain\n  program:object: '{\"a\":[1,2]}'\n  other:key: 1\n",
      },
      program: `
        const a = new Thing("a", { value: pulumi.secret("hush"), size: 1 });
        new Thing("nested", { value: { list: [1, pulumi.secret({ deep: ["x"] })], text: pulumi.interpolate\`say \${a.value}\` } });
        new Thing("derived", { value: a.shown, place: a.value });
        new Thing("additional", { value: 1 }, { additionalSecretOutputs: ["shown", "nothing"] });
        new Thing("ceases", { value: pulumi.secret(1) });
        new Thing("becomes", { value: 1 });
        new Thing("ceases-additional", { value: 1 }, { additionalSecretOutputs: ["shown", "size"] });
        new Thing("of-nothing", { value: pulumi.secret(null), place: pulumi.secret(undefined) });
        new Plain("plain", { value: pulumi.secret(["p"]) });
        new Thing("configured", { value: config.requireObject("object"), place: config.get("shown") });
        new Group("group", (inside) => ({ a: a.value, b: new Thing("inside", { value: pulumi.secret(true) }, inside).value }));
        exports.secret = a.value;
        exports.mixed = { open: 1, closed: [pulumi.secret(2)] };
        exports.all = pulumi.all([a.value, a.id]);
        exports.unsecret = pulumi.unsecret(a.value);`,
    },
    {
      title: "changes them",
      verb: "up",
      program: `
        const a = new Thing("a", { value: pulumi.secret("hushed"), size: 1 });
        new Thing("nested", { value: { list: [1, pulumi.secret({ deep: ["y"] })], text: "open" } });
        new Thing("derived", { value: a.shown, place: a.value });
        new Thing("additional", { value: 2 }, { additionalSecretOutputs: ["shown", "nothing"] });
        new Thing("ceases", { value: 1 });
        new Thing("becomes", { value: pulumi.secret(1) });
        new Thing("ceases-additional", { value: 1 });
        new Plain("plain", { value: pulumi.secret(["q"]) });
        exports.secret = pulumi.secret("another");
        exports.mixed = pulumi.secret({ open: 1, closed: [2] });`,
    },
    { title: "refreshes", verb: "refresh" },
    { title: "destroys", verb: "destroy" },
  ]),

  things("unknowns everywhere", [
    {
      title: "previews what isn't there yet",
      verb: "preview",
      program: unknowns(1),
    },
    { title: "creates", verb: "up", program: unknowns(1) },
    { title: "previews what will be updated and replaced", verb: "preview", program: unknowns(2) },
    { title: "updates and replaces", verb: "up", program: unknowns(2) },
  ]),

  things("stack outputs of every shape", [
    {
      title: "makes them",
      verb: "up",
      files: { "asset.txt": "of a file" },
      program: `
        const a = new Thing("a", { value: 1 });
        const group = new Group("group", () => ({ x: 1, asset: new pulumi.asset.StringAsset("y") }));
        new Thing("assets", { value: [new pulumi.asset.StringAsset("text"), { file: new pulumi.asset.FileAsset("./asset.txt") }] });
        Object.assign(exports, {
          text: "t", empty: "", number: -0.5, big: 1e21, yes: true, no: false, nothing: null, missing: undefined,
          list: [], object: {}, deep: { a: [{ b: [[1]] }], "key with spaces": { "": 1 }, "dotted.key": 2 },
          promise: Promise.resolve([1, Promise.resolve(2)]), output: pulumi.output({ a: a.id, b: [a.serial] }), id: a.id, urn: a.urn,
          resource: a, component: group, resources: [a, { group }], holes: [undefined, null, 1], date: new Date(0).toISOString(),
          asset: new pulumi.asset.StringAsset("text"), text2: "žluťoučký\\n\\t\\"quoted\\"", lines: "a\\nb",
          nested: pulumi.output(Promise.resolve(pulumi.output([pulumi.secret("s")]))), zero: 0,
        });`,
    },
    {
      title: "changes and drops them",
      verb: "up",
      program: `exports.text = pulumi.output("u"); exports.list = [1]; exports.added = new Thing("b").serial;`,
    },
    {
      title: "of a run that failed",
      verb: "up",
      program: `exports.text = "v"; exports.failed = new Thing("b").id; exports.late = new Thing("c", {}, { dependsOn: new Thing("b2") }).serial;`,
      things: { c: { create: "fails" } },
    },
    {
      title: "of an async function",
      verb: "up",
      program: `module.exports = async () => { await new Promise((done) => setTimeout(done, 10)); return { a: new Thing("b").serial, b: Promise.resolve(1) }; };`,
    },
    {
      title: "of a function that gives an output",
      verb: "up",
      program: `module.exports = () => pulumi.output({ c: new Thing("b").id });`,
    },
    { title: "of no kind of object", verb: "up", program: `module.exports = "only text";` },
    { title: "of a list", verb: "up", program: `module.exports = ["a", new Thing("b").id];` },
    { title: "none", verb: "up", program: `` },
  ]),

  things("reading what isn't the stack's", [
    {
      title: "reads",
      verb: "up",
      program: `
        const a = new Thing("a", { value: 1 });
        const read = Thing.get("read", "thing-far-1-id");
        Thing.get("same-as-a", a.id, { parent: a });
        new Thing("user", { value: read.shown, place: read.id });
        Thing.get("to-managed", "thing-x-1-id");
        new Thing("to-read", {});
        Thing.get("moves", "thing-first-1-id");
        new Group("group", (inside) => void Thing.get("inside", "thing-in-1-id", { ...inside, additionalSecretOutputs: ["shown"] }));
        Thing.get("leaves", "thing-leaving-1-id");
        exports.read = read.shown;`,
      things: { read: { read: { shown: "far", value: 1 } } },
    },
    {
      title: "reads something else, manages what was read, reads what was managed",
      verb: "up",
      program: `
        const a = new Thing("a", { value: 1 });
        const read = Thing.get("read", "thing-far-1-id");
        new Thing("user", { value: read.shown, place: read.id });
        const managed = new Thing("to-managed", { value: 1 });
        Thing.get("to-read", "thing-y-1-id");
        Thing.get("moves", "thing-second-1-id", { dependsOn: managed });`,
      things: { read: { read: { shown: "farther", value: 1 } } },
    },
    { title: "refreshes", verb: "refresh" },
    {
      title: "previews",
      verb: "preview",
      program: `new Thing("made"); Thing.get("of-unknown", new Thing("made-too").id); Thing.get("read", "thing-far-1-id");`,
    },
    {
      title: "finds nothing",
      verb: "up",
      program: `Thing.get("read", "thing-gone-1-id");`,
      things: { read: { read: "gone" } },
    },
    {
      title: "can't read",
      verb: "up",
      program: `Thing.get("read", "thing-gone-1-id");`,
      things: { read: { read: "fails" } },
    },
    { title: "destroys", verb: "destroy" },
  ]),
];

function unknowns(at: number): string {
  return `
    const a = new Thing("a", { value: ${at} });
    const b = new Thing("b", { place: ${at} });
    new Thing("whole", { value: a.shown, place: b.serial });
    new Thing("nested", { value: { list: [1, a.shown], deep: { x: b.id } } });
    new Thing("in-text", { value: pulumi.interpolate\`of \${b.serial} and \${a.shown}\` });
    new Thing("secret", { value: pulumi.secret(b.shown), size: a.size });
    new Thing("list", { value: pulumi.all([a.id, b.id, 3]) });
    new Plain("plain", { value: b.serial });
    new Thing("room", { room: b.serial });
    new Thing("applied", { value: a.shown.apply((text) => { throw new Error("not while it is unknown: " + text); }).apply(String) }, { ignoreChanges: [] });
    new Group("group", (inside) => ({ shown: new Thing("child", { value: b.id }, inside).shown }), { dependsOn: b });
    exports.a = a.shown;`.replace(/^.*not while.*$/m, "");
}

import { things } from "./things";

export const FAILURES = [
  things("failures of the provider, one after another, and their mending", [
    {
      title: "check fails",
      verb: "up",
      program: `const a = new Thing("a", { value: 1 }); new Thing("b", { value: a.serial }); exports.a = a.id;`,
      things: { b: { check: "no such value" } },
    },
    { title: "a creation fails", verb: "up", things: { b: { create: "fails" } } },
    { title: "a creation is half done", verb: "up", things: { b: { create: "half" } } },
    { title: "the preview of what is half done", verb: "preview" },
    { title: "what is half done fails again", verb: "up", things: { b: { update: "half" } } },
    { title: "what is half done is mended", verb: "up" },
    {
      title: "a check of what exists fails",
      verb: "up",
      program: `const a = new Thing("a", { value: 2 }); new Thing("b", { value: 2 }, { dependsOn: a }); exports.a = a.id; exports.b = 1;`,
      things: { b: { check: "not this" } },
    },
    { title: "a diff fails", verb: "up", things: { b: { diff: "fails" } } },
    { title: "an update fails", verb: "up", things: { b: { update: "fails" } } },
    { title: "an update is half done", verb: "up", things: { b: { update: "half" } } },
    {
      title: "a deletion fails",
      verb: "up",
      program: `new Thing("a", { value: 2 });`,
      things: { b: { delete: "fails" } },
    },
    { title: "a deletion fails in destroy", verb: "destroy", things: { b: { delete: "fails" } } },
    { title: "destroys", verb: "destroy" },
  ]),

  things("failures in replacements, and their mending", [
    { title: "creates", verb: "up", program: replaced(1) },
    {
      title: "a replacement created first fails",
      verb: "up",
      program: replaced(2),
      things: { a: { create: "fails" } },
    },
    { title: "a replacement created first is half done", verb: "up", things: { a: { create: "half" } } },
    { title: "what was replaced can't be deleted", verb: "up", things: { a: { delete: "fails" } } },
    { title: "refreshes with deletions to come", verb: "refresh" },
    { title: "deletes it at last", verb: "up" },
    {
      title: "what is deleted first can't be deleted",
      verb: "up",
      program: rooms(2),
      things: { room: { delete: "fails" } },
    },
    { title: "a dependent can't be deleted", verb: "up", things: { "room-place": { delete: "fails" } } },
    {
      title: "a replacement deleted first can't be created",
      verb: "up",
      things: { room: { create: "fails" } },
    },
    { title: "the preview of what is to be created again", verb: "preview" },
    { title: "refreshes with replacements to come", verb: "refresh" },
    { title: "a replacement deleted first is half done", verb: "up", things: { room: { create: "half" } } },
    {
      title: "a dependent can't be created again",
      verb: "up",
      things: { "room-place": { create: "fails" } },
    },
    { title: "makes it all", verb: "up" },
    {
      title: "can't create a replacement again",
      verb: "up",
      program: rooms(3),
      things: { room: { create: "fails" } },
    },
    { title: "destroys with replacements to come", verb: "destroy" },
  ]),

  things("drift and disappearance on refresh", [
    { title: "creates", verb: "up", program: world() },
    {
      title: "finds what has changed and what is gone",
      verb: "refresh",
      things: {
        drifted: { read: { value: 2, size: 7 } },
        "drifted-secret": { read: { value: "seen" } },
        gone: { read: "gone" },
        "gone-parent": { read: "gone" },
        "gone-protected": { read: "gone" },
        "gone-child": { read: "gone" },
        ignored: { read: { value: 3 } },
      },
    },
    { title: "previews bringing it back", verb: "preview" },
    { title: "brings it back", verb: "up" },
    { title: "can't read one", verb: "refresh", things: { last: { read: "fails" } } },
    {
      title: "finds the host gone",
      verb: "refresh",
      things: { host: { read: "gone" }, drifted: { read: { place: "elsewhere" } } },
    },
    { title: "replaces what has moved", verb: "up", program: world() },
    {
      title: "finds all of it gone",
      verb: "refresh",
      things: Object.fromEntries(all().map((name) => [name, { read: "gone" as const }])),
    },
    { title: "destroys what is left", verb: "destroy" },
  ]),
];

function replaced(at: number): string {
  return `
    const a = new Thing("a", { place: ${at} });
    const b = new Thing("b", { value: a.serial });
    const c = new Thing("c", { place: b.shown });
    ${rooms(1, "{ dependsOn: c }")}`;
}

function rooms(at: number, options = "{}"): string {
  return `
    const room = new Thing("room", { room: ${at} }, ${options});
    const roomPlace = new Thing("room-place", { place: room.serial });
    new Thing("room-value", { value: room.serial }, { dependsOn: roomPlace });`;
}

function world(): string {
  return `
    new Thing("drifted", { value: 1 });
    new Thing("drifted-secret", { value: pulumi.secret("was") });
    const gone = new Thing("gone", { value: 1 });
    new Thing("of-gone", { value: gone.serial }, { dependsOn: gone });
    const parent = new Thing("gone-parent", {});
    new Thing("child-of-gone", {}, { parent });
    new Thing("gone-protected", {}, { protect: true, retainOnDelete: true });
    new Group("group", (inside) => ({ a: new Thing("gone-child", {}, inside).id }));
    new Thing("ignored", { value: 1 }, { ignoreChanges: ["value"] });
    const host = new Thing("host", {});
    new Thing("guest", {}, { deletedWith: host });
    new Thing("last", { value: host.id });
    exports.gone = gone.serial;`;
}

function all(): string[] {
  return [...world().matchAll(/new Thing\("([^"]+)"/g)].map(([, name]) => name!);
}

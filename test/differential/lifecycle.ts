import { things } from "./things";

export const LIFECYCLE = [
  things("create, same, update and delete", [
    {
      title: "creates",
      verb: "up",
      program: `
        const a = new Thing("a", { value: 1 });
        new Thing("b", { value: a.serial, size: 2 });
        new Thing("c", { value: { list: [1, "two", true, null, { deep: a.shown }], empty: {}, none: [], text: "" } });
        new Thing("unicode-Größe-東", { value: "žluťoučký \\u0007 🐎" });
        new Plain("p", { value: 1 });
        exports.a = a.id;`,
    },
    { title: "changes nothing", verb: "up" },
    {
      title: "updates",
      verb: "up",
      program: `
        const a = new Thing("a", { value: 2 });
        new Thing("b", { value: a.shown });
        new Thing("c", { value: { list: [1, "three", false, { deep: a.shown }], more: 0.1 } });
        new Plain("p", { value: 2 });
        exports.a = a.id;`,
    },
    { title: "previews", verb: "preview", program: `new Thing("b", { value: 3 }); new Thing("new");` },
    { title: "deletes", verb: "up", program: `new Thing("b", { value: 3 });` },
    { title: "destroys", verb: "destroy" },
    { title: "destroys what is empty", verb: "destroy" },
    { title: "creates again", verb: "up" },
  ]),

  things("replace in both orders, with dependents", [
    {
      title: "creates",
      verb: "up",
      program: chains(1),
    },
    { title: "previews the replacement", verb: "preview", program: chains(2) },
    { title: "replaces", verb: "up" },
    { title: "changes nothing", verb: "up" },
    {
      title: "replaces while dependents go, come and let go",
      verb: "up",
      program: `
        const a = new Thing("room-a", { room: 3 });
        new Thing("room-value", { value: "let go" }, { dependsOn: a });
        new Thing("room-new", { room: a.serial });
        const b = new Thing("place-a", { place: 3 });
        new Thing("place-place", { place: "let go" });
        new Thing("place-new", { place: b.serial });`,
    },
    { title: "refreshes", verb: "refresh" },
    { title: "destroys", verb: "destroy" },
  ]),
];

/** One chain of dependents that a replacement takes along, for each way of replacing its first. */
function chains(at: number): string {
  return `
    const chain = (name, args, opts) => {
      const a = new Thing(name + "-a", args, opts);
      new Thing(name + "-value", { value: a.serial });
      const place = new Thing(name + "-place", { place: a.serial });
      const room = new Thing(name + "-room", { room: place.serial });
      new Thing(name + "-last", { value: room.shown }, { dependsOn: [room, a] });
      new Plain(name + "-plain", { value: a.shown });
      new Group(name + "-group", (inside) => ({ child: new Thing(name + "-child", { place: a.id }, inside).serial }));
      new Thing(name + "-before", { value: 1 }, { dependsOn: a, deleteBeforeReplace: true });
    };
    chain("place", { place: ${at} });
    chain("room", { room: ${at} });
    chain("first", { place: ${at} }, { deleteBeforeReplace: true });
    chain("last", { room: ${at} }, { deleteBeforeReplace: false });`;
}

import { things } from "./things";

export const OPTIONS = [
  things("ignoreChanges, replaceOnChanges, customTimeouts", [
    { title: "creates", verb: "up", program: options(1, "30m") },
    { title: "heeds them", verb: "up", program: options(2, "1h") },
    {
      title: "lets go of them",
      verb: "up",
      program: options(2, "1h").replace(/ignoreChanges|replaceOnChanges|customTimeouts/g, "_$&"),
    },
  ]),

  things("retainOnDelete, deletedWith, protect", [
    { title: "creates", verb: "up", program: lives(1, "host") },
    { title: "replaces", verb: "up", program: lives(2, "host") },
    {
      title: "deletes the rest",
      verb: "up",
      program: `
        new Thing("guarded", { value: 2 }, { protect: true });
        new Group("guard", (inside) => void new Thing("guarded-child", {}, inside), { protect: true });`,
    },
    { title: "can't delete what is protected", verb: "up", program: "" },
    {
      title: "can't replace what is protected",
      verb: "up",
      program: `new Thing("guarded", { place: 3 }, { protect: true });`,
    },
    { title: "can't destroy what is protected", verb: "destroy" },
    {
      title: "unprotects and replaces at once",
      verb: "up",
      program: `new Thing("guarded", { place: 3 }); new Group("guard", (inside) => void new Thing("guarded-child", {}, inside), { protect: false });
        new Thing("kept", { place: 3 }, { retainOnDelete: true });`,
    },
    { title: "destroys", verb: "destroy" },
  ]),

  things("nested paths in options", [
    {
      title: "ignored",
      verb: "preview",
      program: `new Thing("a", { value: { b: 1 } }, { ignoreChanges: ["value.b"] });`,
      refused: /The path "value\.b" in the option ignoreChanges of a \(.*\)/,
    },
    {
      title: "replacing",
      verb: "preview",
      program: `new Thing("a", { value: [1] }, { replaceOnChanges: ["value[0]"] });`,
      refused: /The path "value\[0\]" in the option replaceOnChanges of a \(.*\)/,
    },
    {
      title: "replacing whatever changes",
      verb: "preview",
      program: `new Thing("a", { value: [1] }, { replaceOnChanges: ["*"] });`,
      refused: /The path "\*" in the option replaceOnChanges of a \(.*\)/,
    },
  ]),
];

function options(at: number, timeout: string): string {
  const first = at === 1;
  return `
    new Thing("ignores", { value: ${at}, size: ${at} }, { ignoreChanges: ["value"] });
    new Thing("ignores-place", { place: ${at}, size: 1 }, { ignoreChanges: ["place", "nothing"] });
    new Thing("ignores-added", { ${first ? "" : "value: 2"} }, { ignoreChanges: ["value"] });
    new Thing("ignores-removed", { ${first ? "value: 2" : ""} }, { ignoreChanges: ["value"] });
    new Thing("ignores-secret", { value: pulumi.secret(${at}) }, { ignoreChanges: ["value"] });
    new Thing("replaces", { value: ${at} }, { replaceOnChanges: ["value"] });
    new Thing("replaces-not", { value: ${at} }, { replaceOnChanges: ["size", "nothing"] });
    new Thing("replaces-first", { value: ${at} }, { replaceOnChanges: ["value"], deleteBeforeReplace: true });
    new Plain("plain-replaces", { value: ${at} }, { replaceOnChanges: ["value"] });
    new Plain("plain-ignores", { value: ${at} }, { ignoreChanges: ["value"] });
    const base = new Thing("base", { place: ${at} });
    new Thing("dependent-ignores", { place: base.serial }, { ignoreChanges: ["place"] });
    new Thing("dependent-replaces", { value: base.serial }, { replaceOnChanges: ["value"] });
    new Thing("timeouts", { value: ${at} }, { customTimeouts: { create: "${timeout}", update: "2m30s", delete: "90s" } });
    new Thing("some-timeouts", { value: 1 }, { customTimeouts: { delete: "${timeout}" } });`;
}

function lives(at: number, host: string): string {
  return `
    new Thing("kept", { place: ${at} }, { retainOnDelete: true });
    new Thing("kept-first", { room: ${at} }, { retainOnDelete: true });
    if (${at} === 1) new Thing("kept-gone", {}, { retainOnDelete: true });
    new Group("keeper", (inside) => { new Thing("kept-child", { place: ${at} }, inside); new Thing("unkept-child", { place: ${at} }, { ...inside, retainOnDelete: false }); }, { retainOnDelete: true });
    const host = new Thing("${host}", { place: ${at} });
    new Thing("guest", { value: 1 }, { deletedWith: host });
    new Thing("guest-of-guest", { value: host.serial }, { deletedWith: host, retainOnDelete: true });
    const firstHost = new Thing("first-host", { room: ${at} });
    new Thing("first-guest", { value: 1 }, { deletedWith: firstHost });
    const whole = new Group("whole", (inside) => void new Thing("whole-child", {}, inside), { deletedWith: host });
    if (${at} === 1) new Thing("guest-gone", {}, { deletedWith: new Thing("host-gone", {}) });
    new Thing("guarded", { value: ${at} }, { protect: true, dependsOn: host });
    new Group("guard", (inside) => { new Thing("guarded-child", {}, inside); new Thing("unguarded-child", {}, { ...inside, protect: false }); }, { protect: true });`;
}

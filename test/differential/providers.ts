import { things } from "./things";

/** A provider of things that a program makes itself. */
const OWN = `class Own extends pulumi.ProviderResource {
  constructor(name, args = {}, opts) { super("pulumi-nodejs", name, args, opts); }
}
`.replaceAll("\n", " ");

export const PROVIDERS = [
  things("explicit and default providers", [
    {
      title: "creates",
      verb: "up",
      program: `${OWN}
        const own = new Own("own", { region: "a", token: pulumi.secret("hush") });
        const made = new Thing("made");
        const late = new Own("late", { serial: made.serial });
        new Thing("with-own", {}, { provider: own });
        new Thing("with-late", {}, { provider: late });
        new Group("with-group", (inside) => {
          new Thing("inherits", {}, inside);
          new Group("inner", (within) => void new Thing("inherits-deep", {}, within), inside);
          new Thing("overrides", {}, { ...inside, provider: late });
        }, { providers: [own] });
        new Thing("child-of-thing", {}, { parent: new Thing("parent-thing", {}, { provider: own }) });
        new Thing("to-own");
        new Thing("to-default", {}, { provider: own });
        new Thing("to-late", {}, { provider: own });
        new Own("renamed", { region: "r" });
        new Own("unused");`,
    },
    {
      title: "configures, moves and renames",
      verb: "up",
      program: `${OWN}
        const own = new Own("own", { region: "b", token: pulumi.secret("hush") });
        const late = new Own("late", { serial: 1 });
        new Thing("with-own", {}, { provider: own });
        new Thing("with-late", {}, { provider: late });
        new Group("with-group", (inside) => {
          new Thing("inherits", {}, inside);
          new Group("inner", (within) => void new Thing("inherits-deep", {}, within), inside);
        }, { provider: late });
        new Thing("to-own", {}, { provider: own });
        new Thing("to-default", {});
        new Thing("to-late", {}, { provider: late });
        new Thing("with-renamed", {}, { provider: new Own("name", { region: "r" }, { aliases: [{ name: "renamed" }] }) });`,
    },
    {
      title: "previews an unknown configuration",
      verb: "preview",
      program: `${OWN}
        const fresh = new Thing("fresh");
        new Thing("with-own", { value: 2 }, { provider: new Own("own", { region: fresh.serial }) });
        new Thing("fresh-too", {}, { provider: new Own("other", { region: fresh.serial }) });`,
    },
    { title: "refreshes", verb: "refresh" },
    { title: "deletes the providers last", verb: "up", program: `new Thing("to-default", {});` },
    { title: "destroys", verb: "destroy" },
  ]),
];

import type { Scenario } from "../support/scenario";
import { pulumiHome } from "../support/random-plugin";

const program = (keeper: number, length: number): string => `
  const random = require("@pulumi/random");
  const keepers = { at: "${keeper}" };
  const pet = new random.RandomPet("pet", { keepers, length: ${length}, separator: "_" });
  new random.RandomUuid("uuid", { keepers: { pet: pet.id } });
  const text = new random.RandomString("text", { length: 12, special: false, keepers: { at: "same" } });
  new random.RandomString("kept", { length: 8, overrideSpecial: "!" }, { ignoreChanges: ["overrideSpecial"] });
  exports.pet = pet.id;
  exports.text = text.result;`;

/** Resources of `@pulumi/random`: by its plugin where that is installed, else by what stands in for it. */
export const RANDOM_PACKAGE: Scenario[] = [
  {
    name: "resources of @pulumi/random",
    files: {
      "package.json": `{ "name": "program", "main": "index.js", "dependencies": { "@pulumi/random": "*" } }`,
    },
    env: { PULUMI_HOME: pulumiHome },
    steps: [
      { title: "creates", verb: "up", program: program(1, 2) },
      { title: "changes nothing", verb: "up" },
      { title: "refreshes", verb: "refresh" },
      { title: "previews", verb: "preview", program: program(2, 3) },
      { title: "replaces", verb: "up" },
      {
        title: "refuses",
        verb: "up",
        program: `const random = require("@pulumi/random"); new random.RandomInteger("integer", { min: 5, max: 1 });`,
      },
      { title: "destroys", verb: "destroy" },
    ],
  },
];

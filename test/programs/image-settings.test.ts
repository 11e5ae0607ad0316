import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { expectRefusal, refuse, succeeded, withProject } from "../support/expectations";
import { look, named } from "../support/world";

const CLASSES: [name: string, of: string][] = [
  ["golden", "PrivateImage"],
  ["cloud", "ImageConversion"],
  ["replica", "ImageReplica"],
];

/** The three classes that make an image, all with the same settings. */
const program = (settings: string): string => `
  const settings = ${settings};
  const golden = new PrivateImage("golden", { instance: vm("builder"), ...settings });
  const cloud = new ImageConversion("cloud", { image: golden, ...settings });
  new ImageReplica("replica", { image: golden, ...settings });
`;

describeForEngines("the settings of an image", (engine) => {
  const project = withProject({ program: program("{}") }, async (made) => {
    succeeded(await engine.run(made, "up"));
  });

  const CHANGES: [setting: string, value: unknown, byDefault: unknown][] = [
    ["name", "renamed", undefined],
    ["description", "for the web", ""],
    ["minDisk", 40, 20],
    ["minRam", 512, undefined],
    ["maxRam", 4096, undefined],
    ["tags", { team: "web" }, {}],
    ["nicMultiqueue", true, false],
    ["sriovDriver", true, false],
    ["onDelete", "unshare", undefined],
  ];

  it("change all in place, whatever class made it, and go back to their defaults", async () => {
    const before = (await look(project())).resources;
    const settings = Object.fromEntries(CHANGES.map(([setting, value]) => [setting, value]));
    await project().write({ program: program(JSON.stringify(settings)) });
    succeeded(await engine.run(project(), "up"));
    const changed = (await look(project())).resources;
    for (const [name] of CLASSES) {
      expect(named(changed, name).id, name).to.equal(named(before, name).id);
      expect(named(changed, name).outputs, name).to.deep.include(settings);
    }

    await project().write({ program: program("{}") });
    succeeded(await engine.run(project(), "up"));
    const back = (await look(project())).resources;
    for (const [name] of CLASSES) {
      expect(named(back, name).id, name).to.equal(named(before, name).id);
      for (const [setting, , byDefault] of CHANGES) {
        if (setting === "name") expect(named(back, name).outputs!.name).to.equal(name);
        else expect(named(back, name).outputs![setting], `${name} ${setting}`).to.deep.equal(byDefault);
      }
    }
  });

  const REFUSED: [what: string, settings: string, property: string, ...reason: string[]][] = [
    ["a minimum below the disk", "{ minDisk: 10 }", "minDisk", "less than the 20 GiB", "State 20 or more"],
    ["a minimum of memory above the maximum", "{ minRam: 2048, maxRam: 1024 }", "minRam", "maxRam"],
    [
      "more than 20 tags",
      '{ tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => ["k" + i, "v"])) }',
      "tags",
      "20",
    ],
  ];
  for (const [what, settings, property, ...reason] of REFUSED) {
    it(`can't be ${what}: each is refused by name, and nothing changes`, async () => {
      const refusal = await refuse(engine, project(), { program: program(settings) });
      expectRefusal(
        refusal,
        ...CLASSES.map(([name]): [string, string, ...string[]] => [name, property, ...reason]),
      );
    });
  }
});

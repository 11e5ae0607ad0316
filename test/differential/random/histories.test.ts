import { expect } from "chai";
import type { Engine } from "../../support/engines";
import { describeForEngines } from "../../support/engines";
import { difference } from "./difference";
import { readFixtures } from "./fixtures";
import { generate } from "./generator";
import type { History, Node, Program } from "./model";
import { uses } from "./mutations";
import { play } from "./play";
import { shrink } from "./shrink";
import { isStuck } from "./waiting";

describeForEngines("random histories end as the Pulumi CLI ended them", (engine: Engine) => {
  for (const { name, history, outcomes } of readFixtures()) {
    it(name, async () => {
      const played = await play(engine, history);
      const said = played.map(({ text }) => text).join("\n");
      expect(difference(history, played, outcomes).found.join("\n"), said).to.equal("");
    });
  }
});

describe("generated histories", () => {
  const histories = Array.from({ length: 300 }, (_, seed) => generate(seed));

  it("are the same for the same seed", () => {
    expect(generate(42)).to.deep.equal(generate(42));
    expect(generate(42)).not.to.deep.equal(generate(43));
  });

  it("refer to resources that are declared before only, each once", () => {
    for (const { steps } of histories) {
      for (const { program } of steps) {
        const keys = program.nodes.map(({ key }) => key);
        expect(new Set(keys).size).to.equal(keys.length);
        program.nodes.forEach((node, at) => {
          expect(keys.slice(at).filter((key) => uses(node, key))).to.deep.equal([]);
        });
      }
    }
  });

  it("have no resources that wait for each other without end", () => {
    const programs = histories.flatMap(({ steps }) => steps.map(({ program }) => program));
    expect(programs.filter(isStuck)).to.deep.equal([]);
  });

  it("have every verb, kind, option and fault among them", () => {
    const steps = histories.flatMap((history) => history.steps);
    const nodes = steps.flatMap(({ program }) => program.nodes);
    const faults = steps.flatMap((step) => Object.values(step.faults));
    expect(new Set(steps.map(({ verb }) => verb))).to.have.all.keys("up", "preview", "refresh", "destroy");
    expect(new Set(nodes.map(({ kind }) => kind))).to.have.all.keys(
      "component",
      "full",
      "plain",
      "external",
      "provider",
    );
    expect(new Set(nodes.flatMap(({ options }) => Object.keys(options)))).to.have.lengthOf(11);
    expect(new Set(faults.map((fault) => JSON.stringify(fault)))).to.have.lengthOf(13);
  });
});

describe("resources wait for each other without end", () => {
  const group: Node = { key: "group", name: "group", kind: "component", inputs: {}, options: {} };
  const stuck: Program = {
    ...{ inTurn: false, chained: false, outputs: {} },
    nodes: [
      group,
      { ...group, key: "user", name: "user", kind: "full", options: { dependsOn: ["group"] } },
      {
        ...group,
        key: "child",
        name: "child",
        kind: "full",
        options: { parent: "group", dependsOn: ["user"] },
      },
    ],
  };

  it("where one needs a component with another in it that needs the first", () => {
    expect(isStuck(stuck)).to.equal(true);
  });

  it("but not where they are declared in turn", () => {
    expect(isStuck({ ...stuck, inTurn: true })).to.equal(false);
  });

  it("but not where a child needs its own parent alone", () => {
    const nodes: Node[] = [group, { ...stuck.nodes[2]!, options: { parent: "group", dependsOn: ["group"] } }];
    expect(isStuck({ ...stuck, nodes })).to.equal(false);
  });
});

describe("shrinking", () => {
  it("leaves of a history what it takes to fail, and nothing else", async () => {
    const failing = (history: History): boolean =>
      history.steps.some(({ program }) => program.nodes.some(({ options }) => options.protect));
    const history = Array.from({ length: 100 }, (_, seed) => generate(seed)).find(failing)!;
    const { steps } = await shrink(history, async (it) => failing(it));
    expect(steps).to.have.lengthOf(1);
    expect(steps[0]!.program.nodes.map(({ options }) => options)).to.deep.equal([{ protect: true }]);
  });
});

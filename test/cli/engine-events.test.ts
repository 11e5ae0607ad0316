import { expect } from "chai";
import type { Engine, Run, Verb } from "../support/engines";
import { images, pulumi } from "../support/engines";
import { kindOf, readEngineEvents } from "../support/engine-events";
import type { EngineEvent } from "../support/engine-events";
import { makeProject } from "../support/project";
import type { Project } from "../support/project";

/** Creates, then updates, replaces and deletes; is refused at the third stage, and fails at the fourth. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const stage = Number(process.env.STAGE);
const provider = {
  async check(olds, news) {
    return { inputs: news, failures: news.bad ? [{ property: "bad", reason: "never" }] : [] };
  },
  async diff(id, olds, news) {
    const replaces = olds.key === news.key ? [] : ["key"];
    return { changes: JSON.stringify(olds.v) !== JSON.stringify(news.v) || replaces.length > 0, replaces };
  },
  async create(inputs) {
    if (inputs.fail) throw new Error("no room for it");
    return { id: "id-" + inputs.key, outs: { ...inputs, made: true } };
  },
  async update(id, olds, news) {
    return { outs: news };
  },
};
class Thing extends pulumi.dynamic.Resource {
  constructor(name, inputs, opts) {
    super(provider, name, { made: undefined, ...inputs }, opts);
  }
}
console.log("to the output");
console.error("to the error output");
pulumi.log.warn("a warning");
const group = new pulumi.ComponentResource("my:index:Group", "group");
const one = new Thing("one", { key: "1", v: { n: stage, token: pulumi.secret("hunter2") } }, { parent: group });
new Thing("two", { key: stage === 1 ? "2" : "3", v: one.id });
if (stage === 1) new Thing("three", { key: "4" });
if (stage === 3) new Thing("refused", { bad: true });
if (stage === 4) new Thing("failing", { fail: true });
exports.token = pulumi.secret("hunter2");
exports.key = one.key;
`;

const STORY: [what: string, stage: number, verb: Verb, code: number, ...args: string[]][] = [
  ["a preview of creations", 1, "preview", 0],
  ["creations", 1, "up", 0, "--skip-preview"],
  ["a preview of an update, a replacement and a deletion", 2, "preview", 7, "--expect-no-changes"],
  ["an update, a replacement and a deletion", 2, "up", 0, "--skip-preview"],
  ["a run without changes", 2, "up", 0, "--skip-preview", "--expect-no-changes"],
  ["a refused preview", 3, "preview", 1],
  ["a failed creation", 4, "up", 1, "--skip-preview"],
  ["a refresh", 2, "refresh", 0, "--skip-preview", "--expect-no-changes"],
  ["a destruction", 2, "destroy", 0, "--skip-preview"],
];

/** Plays the story; what was told at each step of it. */
async function play(engine: Engine): Promise<Map<string, { run: Run; events: EngineEvent[] }>> {
  const project = await makeProject({ files: { "index.js": PROGRAM } });
  try {
    const told = new Map<string, { run: Run; events: EngineEvent[] }>();
    for (const [what, stage, verb, , ...args] of STORY) {
      const env = { STAGE: String(stage), PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
      const at: Project = { ...project, env };
      const run = await engine.run(at, verb, "--json", ...args);
      told.set(what, { run, events: readEngineEvents(run.stdout) });
    }
    return told;
  } finally {
    await project.remove();
  }
}

/** What was done to resources: as a set, for they are at work at the same time. */
function deeds(events: EngineEvent[]): Set<string> {
  return new Set(
    events.flatMap((event) => {
      const { metadata } = event.resourcePreEvent ?? event.resOutputsEvent ?? event.resOpFailedEvent ?? {};
      if (!metadata) return [];
      const { op, urn, keys = [], logical = false } = metadata;
      const states = [metadata.old ? "old" : "", metadata.new ? "new" : ""].join();
      return `${kindOf(event)} ${op} ${urn} ${keys.join()} ${logical} ${states}`;
    }),
  );
}

describe("the engine events of a command line", () => {
  let ours: Awaited<ReturnType<typeof play>>;
  before(async () => (ours = await play(images)));

  for (const [what, , , code] of STORY) {
    it(`keep to the documented schema in ${what}, which exits with ${code}`, () => {
      const { run, events } = ours.get(what)!;
      expect(run.code, run.text).to.equal(code);
      expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, index) => index));
      expect([events[0]!, ...events.slice(-2)].map(kindOf)).to.deep.equal([
        "preludeEvent",
        "summaryEvent",
        "cancelEvent",
      ]);
      expect(run.text).not.to.include("hunter2");
    });
  }

  (pulumi.available ? describe : describe.skip)("beside those of the Pulumi CLI", () => {
    let theirs: Awaited<ReturnType<typeof play>>;
    before(async () => (theirs = await play(pulumi)));

    for (const [what] of STORY) {
      it(`are of the same schema, deeds, results and exit code in ${what}`, () => {
        const [mine, real] = [ours.get(what)!, theirs.get(what)!];
        expect(mine.run.code, real.run.text).to.equal(real.run.code);
        const summary = ({ events }: typeof mine): unknown => {
          const { resourceChanges, result, isPreview } = events.find((it) => it.summaryEvent)!.summaryEvent!;
          return { resourceChanges, result, isPreview };
        };
        const refused = what === "a refused preview" || what === "a failed creation";
        // After a failure it is chance what else is still begun.
        if (refused) expect(real.events.at(-1)!.cancelEvent).to.deep.equal({});
        else {
          expect([...deeds(mine.events)]).to.have.members([...deeds(real.events)]);
          expect(summary(mine)).to.deep.equal(summary(real));
        }
        expect(mine.events[0]!.preludeEvent).to.deep.equal(real.events[0]!.preludeEvent);
      });
    }
  });
});

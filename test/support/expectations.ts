import { expect } from "chai";
import { images } from "./engines";
import type { Engine, Run } from "./engines";
import type { Project, ProjectFiles } from "./project";
import { makeProject } from "./project";
import type { World } from "./world";
import { look } from "./world";

export function succeeded(run: Run): Run {
  expect(run.code, run.text).to.equal(0);
  return run;
}

/** Takes a stack down; neither a record nor a content is left of it. */
export async function expectTakenDown(engine: Engine, project: Project): Promise<void> {
  succeeded(await engine.run(project, "destroy"));
  const { records, contents } = await look(project);
  expect([...Object.values(records).flat(), ...contents]).to.deep.equal([]);
}

/** A preview or up that was refused: what it said, and what stood before and after it. */
export interface Refusal {
  engine: Engine;
  run: Run;
  before: World;
  after: World;
}

/** Previews a program that must be refused. */
export async function refuse(engine: Engine, project: Project, files?: ProjectFiles): Promise<Refusal> {
  if (files) await project.write(files);
  const before = await look(project);
  const run = await engine.run(project, "preview");
  return { engine, run, before, after: await look(project) };
}

/**
 * Exit code 1, nothing changed, no stack trace, and each message in what the user reads; of the Pulumi CLI those of one
 * resource, since it stops at the first that is refused.
 */
export function expectRefusal({ engine, run, before, after }: Refusal, ...messages: Message[]): void {
  expect(run.code, run.text).to.equal(1);
  expect(after).to.deep.equal(before);
  expect(run.text).not.to.match(/^\s+at .*:\d+:\d+\)?$/m);
  const reported = problemsOf(run);
  const told = messages.filter(
    ([resource]) => engine === images || reported.some((problem) => matches(problem.resource, resource)),
  );
  if (messages.length > 0) expect(told.length, run.text).to.be.above(0);
  for (const message of told) expectMessage(run, message);
}

/** The resource by its name in the program, the property, and words that all stand in the reason. */
export type Message = [resource: string | RegExp, property: string | RegExp, ...reason: (string | RegExp)[]];

function expectMessage(run: Run, [resource, property, ...reason]: Message): void {
  const problems = problemsOf(run);
  const told = problems.filter(
    (problem) => matches(problem.resource, resource) && matches(problem.property, property),
  );
  const found = told.some((problem) => reason.every((words) => matches(problem.reason, words, "within")));
  if (!found)
    expect.fail(
      `no message of ${resource} on ${property} says ${reason.join(" … ")}\nbut: ${JSON.stringify(told.length > 0 ? told : problems, undefined, 1)}`,
    );
}

function matches(text: string, wanted: string | RegExp, within?: "within"): boolean {
  if (wanted instanceof RegExp) return wanted.test(text);
  return within ? text.includes(wanted) : text === wanted;
}

/** What check said of resources, from the lines that users read. */
export function problemsOf({ text }: Run): { resource: string; property: string; reason: string }[] {
  const ofImages = [...text.matchAll(/^✗ \w+ (\S+).*\n((?: {4}.*\n)+)/gm)].flatMap(([, resource, block]) =>
    block!
      .split(/^ {4}(?=\S)/m)
      .filter(Boolean)
      .map((message) => [resource!, message]),
  );
  const ofPulumi = [...text.matchAll(/error: \S+ resource '([^']+)' has a problem: (.*)/g)].map(
    ([, resource, message]) => [resource!, message!],
  );
  return [...ofImages, ...ofPulumi].map(([resource, message]) => {
    const [, property, reason] = /^(?:([\w.[\]]+): )?(.*)$/s.exec(message!.replace(/\s+/g, " ").trim())!;
    return { resource: resource!, property: property ?? "", reason: reason! };
  });
}

/**
 * One program with many wrong resources, previewed once; each test looks for one message. Only `images` reports all of
 * them together: the Pulumi CLI stops at the first.
 */
export function describeRefusals(
  title: string,
  files: ProjectFiles,
  expected: [what: string, ...message: Message][],
): void {
  describe(title, () => {
    let refusal: Refusal;
    withProject(files, async (project) => (refusal = await refuse(images, project)));

    it("are reported all together, and change nothing", () => expectRefusal(refusal));
    for (const [what, ...message] of expected) {
      it(`include ${what}`, () => expectRefusal(refusal, message));
    }
  });
}

/** Suites that look at one run of one program: made before the first test, removed after the last. */
export function withProject(
  files: ProjectFiles,
  prepare?: (project: Project) => Promise<unknown>,
): () => Project {
  let project: Project;
  before(async () => {
    project = await makeProject(files);
    await prepare?.(project);
  });
  after(() => project?.remove());
  return () => project;
}

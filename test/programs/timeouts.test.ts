import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { describeForEngines } from "../support/engines";
import { succeeded, withProject } from "../support/expectations";
import { look } from "../support/world";

/** Less than what goes on in the next run where it was cut off. */
const BYTES = 48 * 2 ** 20;

const program = (timeouts: string) =>
  `new PrivateImage("data", { imageFile: "data.raw", imageType: "data", timeouts: ${timeouts} });`;

describeForEngines("a time limit", (engine) => {
  const project = withProject({ program: program(`{ create: "1ms" }`) }, (made) =>
    writeFile(path.join(made.dir, "data.raw"), Buffer.alloc(BYTES, 7)),
  );

  it("that isn't kept fails the creation, says how far it was, and leaves nothing", async () => {
    succeeded(await engine.run(project(), "preview"));
    const run = await engine.run(project(), "up");
    expect(run.code, run.text).not.to.equal(0);
    expect(run.text.replace(/\s+/g, " ")).to.match(
      /Creating image data failed: timeouts\.create allows 1ms, and when it was up, importing file \S+ was at \d+ %\. Raise timeouts\.create, or leave it out for no limit, and run again\./,
    );
    const { records, contents } = await look(project());
    expect([...Object.values(records).flat(), ...contents]).to.deep.equal([]);
  });

  it("that suffices lets the next run make it, and is no change where it is dropped", async () => {
    await project().write({ program: program(`{ create: "1h" }`) });
    succeeded(await engine.run(project(), "up"));
    await project().write({ program: program("undefined") });
    succeeded(await engine.run(project(), "up", "--expect-no-changes"));
  });
});

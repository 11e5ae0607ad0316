import { expect } from "chai";
import { createColors } from "picocolors";
import type { DeploymentEvent, StepView } from "../../../deployer/display/events";
import { LiveArea } from "../../../deployer/display/live-area";
import { LiveDisplay } from "../../../deployer/display/live-display";
import { TerminalScreen } from "../../support/terminal-screen";

const TYPE = "pulumi-nodejs:dynamic/images:PrivateImage";
const step = (name: string, op: StepView["op"] = "create"): StepView => ({
  op,
  urn: `urn:pulumi:dev::shop::${TYPE}::${name}`,
  type: TYPE,
});
const prelude: DeploymentEvent = { type: "prelude", mode: "up", project: "shop", stack: "dev", config: {} };

/** A display, its screen, and a clock that the test moves. */
function watch(columns: number, rows = 24) {
  const screen = new TerminalScreen(columns);
  let now = 0;
  const display = new LiveDisplay(
    {
      write: (text) => screen.write(text),
      colors: createColors(true),
      columns: () => columns,
      rows: () => rows,
    },
    () => now,
  );
  return {
    screen,
    display,
    emit: (...events: DeploymentEvent[]) => events.forEach((event) => display.emit(event)),
    /** The clock moves on, and something is told, so that all is drawn. */
    after: (seconds: number) => {
      now += seconds * 1000;
      display.say("·");
    },
  };
}

const progress = (name: string, message: string): DeploymentEvent => ({
  type: "diagnostic",
  severity: "info",
  urn: step(name).urn,
  message,
  ephemeral: true,
});

describe("the display in a terminal", () => {
  it("has a line for each resource at work, drawn over as it gets on, below what has ended", () => {
    const { screen, display, emit, after } = watch(80);
    emit(prelude, { type: "step", step: step("one") }, { type: "step", step: step("two") });
    emit(progress("one", "copying the system disk 10 %"), progress("one", "copying the system disk 74 %"));
    emit({ type: "output", stream: "stdout", line: "hello" });
    after(12);
    display.emit(progress("two", "copying the system disk 3 %"));
    emit({ type: "stepDone", step: step("one"), seconds: 12 });
    expect(screen.lines).to.deep.equal([
      "Deploying shop, stack dev",
      "",
      "hello",
      "·",
      "+ created PrivateImage one (12s)",
      "+ creating PrivateImage two (12s) copying the system disk 3 %",
      "",
    ]);
    display.close();
    expect(screen.lines.slice(-2)).to.deep.equal(["+ created PrivateImage one (12s)", ""]);
  });

  it("shows nothing of what is only planned, or is done before it could be read", () => {
    const { screen, display, emit } = watch(80);
    emit({ ...prelude, mode: "preview" }, { type: "step", step: step("one") });
    emit(prelude, { type: "step", step: step("two") }, { type: "output", stream: "stdout", line: "hello" });
    display.close();
    expect(screen.lines.join("\n")).not.to.match(/creating/);
  });

  it("keeps to a line each at 40 columns, with the progress and not all of the name", () => {
    const { screen, display, emit, after } = watch(40);
    emit(
      prelude,
      { type: "step", step: step("镜像镜像镜像镜像镜像镜像") },
      progress("镜像镜像镜像镜像镜像镜像", "74 %"),
    );
    after(5);
    after(1);
    expect(screen.lines.slice(2)).to.deep.equal(["·", "·", "+ creating PrivateImage 镜… (6.0s) 74 %", ""]);
    display.close();
  });

  it("shows no more lines than the terminal has, and how many more there are", () => {
    const { screen, display, emit, after } = watch(80, 5);
    emit(
      prelude,
      ...["a", "b", "c", "d", "e", "f"].map((name) => ({ type: "step" as const, step: step(name) })),
    );
    after(1);
    after(1);
    expect(screen.lines.slice(3)).to.deep.equal([
      "·",
      "+ creating PrivateImage a (2.0s)",
      "+ creating PrivateImage b (2.0s)",
      "+ creating PrivateImage c (2.0s)",
      "… and 3 more",
      "",
    ]);
    display.close();
  });

  it("tells of failures and interruptions above what is still at work", () => {
    const { screen, display, emit, after } = watch(80);
    emit(prelude, { type: "step", step: step("one") }, { type: "step", step: step("two") });
    after(1);
    emit({ type: "stepFailed", step: step("one"), message: "no room" });
    display.say("Stopping: steps at work may end.");
    expect(screen.lines.slice(-5)).to.deep.equal([
      "✗ PrivateImage one not created",
      "    no room",
      "Stopping: steps at work may end.",
      "+ creating PrivateImage two (1.0s)",
      "",
    ]);
    display.close();
  });

  it("draws over lines that a narrowed terminal has broken in two", () => {
    const written: string[] = [];
    let columns = 80;
    const area = new LiveArea({
      write: (text) => void written.push(text),
      columns: () => columns,
      rows: () => 24,
    });
    area.show(["x".repeat(60), "y"]);
    columns = 40;
    area.show(["z"]);
    expect(written.at(-1)).to.match(/^\u001b\[3A\r/); // eslint-disable-line no-control-regex
  });

  it("writes nothing where nothing has changed", () => {
    let writes = 0;
    const area = new LiveArea({ write: () => void writes++, columns: () => 80, rows: () => 24 });
    area.show(["a"]);
    area.show(["a"]);
    expect(writes).to.equal(1);
  });
});

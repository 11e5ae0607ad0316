import { expect } from "chai";
import { execFile } from "node:child_process";
import { makeProject } from "../support/project";
import type { Project } from "../support/project";
import { imagesCommand } from "../support/paths";
import { TerminalScreen } from "../support/terminal-screen";
import { describeWith } from "../support/tools";

/** Runs a command in a pseudo-terminal of so many columns, and passes on what it writes and ends with. */
const IN_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
columns, command = int(sys.argv[1]), sys.argv[2:]
process, terminal = pty.fork()
if process == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 12, columns, 0, 0))
    os.execvp(command[0], command)
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
`;

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
class Thing extends pulumi.dynamic.Resource {
  constructor(name) {
    super({
      async create() {
        await new Promise((done) => setTimeout(done, 1500));
        return { id: "x", outs: {} };
      },
    }, name, {});
  }
}
new Thing("golden-image-with-a-rather-long-name");
new Thing("黄金镜像");
exports.镜像 = "x";
exports.id = "y";
`;

describeWith(["python3"], "images up in a terminal", () => {
  let project: Project;
  beforeEach(async () => (project = await makeProject({ files: { "index.js": PROGRAM } })));
  afterEach(() => project.remove());

  function up(columns: number, env: NodeJS.ProcessEnv): Promise<string> {
    const command = [process.execPath, imagesCommand, "up", "--yes", "--skip-preview", "--stack", "dev"];
    const inherited = { ...process.env };
    for (const name of ["CI", "NO_COLOR", "FORCE_COLOR"]) delete inherited[name];
    const options = {
      cwd: project.dir,
      env: { ...inherited, TERM: "xterm", PULUMI_CONFIG_PASSPHRASE: "", PULUMI_HOME: project.dir, ...env },
    };
    return new Promise((done, fail) =>
      execFile(
        "python3",
        ["-c", IN_TERMINAL, String(columns), ...command],
        options,
        (error, stdout, stderr) => (error ? fail(new Error(stdout + stderr)) : done(stdout)),
      ),
    );
  }

  /** What stands there in the end, without the times that steps took. */
  function screen(text: string, columns: number): string[] {
    const terminal = new TerminalScreen(columns);
    terminal.write(text);
    return terminal.lines.map((line) => line.replace(/ \(\d+\.\ds\)| in \d+\.\ds/, ""));
  }

  for (const columns of [80, 40]) {
    it(`draws over a line for each resource at work at ${columns} columns, and leaves what has ended`, async () => {
      const text = await up(columns, {});
      expect(text)
        .to.match(/creating Resource golden/)
        .and.match(/creating Resource 黄金镜像/);
      const lines = screen(text, columns).filter((line) => line !== "");
      expect(lines.filter((line) => line.includes("creating"))).to.deep.equal([]);
      expect(lines.slice(-3)).to.deep.equal(['  id    "y"', '  镜像  "x"', "+ 3 created"]);
      expect(lines.join("")).to.match(/created Resource golden-image-with-a-rather-long-name/);
    });
  }

  const PLAIN: [what: string, env: NodeJS.ProcessEnv][] = [
    ["in CI, where it is a log", { CI: "true", NO_COLOR: "1" }],
    ["where the terminal is a dumb one", { TERM: "dumb" }],
  ];
  for (const [what, env] of PLAIN) {
    it(`writes plain lines without escape codes ${what}`, async () => {
      const text = await up(80, env);
      expect(text).not.to.include("\u001b");
      expect(text).to.match(/^\+ creating Resource 黄金镜像 …\r?$/m);
    });
  }

  it("has progress but no colours with NO_COLOR", async () => {
    const text = await up(80, { NO_COLOR: "1" });
    const codes = new Set(
      text
        .split("\u001b[")
        .slice(1)
        .map((it) => /^[0-9;]*(.)/.exec(it)![1]),
    );
    expect([...codes]).to.have.members(["A", "J", "K"]);
  });
});

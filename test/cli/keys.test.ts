import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { EXIT } from "../../deployer/user-error";
import type { MasterKey } from "../../provider/engine/keys/key-service";
import { runImages } from "../support/engines";
import { makeProject } from "../support/project";
import type { Project } from "../support/project";
import { regionUnderTest } from "../support/regions/region-under-test";

const REGION = `
region: north
accounts: [{ name: platform }, { name: web }]
---
region: south
accounts: [{ name: platform }]
`;

describe("images keys", () => {
  let project: Project;
  beforeEach(async () => {
    project = await makeProject({ program: "throw new Error('the program ran')", region: REGION });
    project = { ...project, env: { PULUMI_HOME: join(project.dir, "home") } };
  });
  afterEach(() => project.remove());

  const keys = async (...args: string[]): Promise<string> => {
    const { code, text, stdout } = await runImages(project, "keys", ...args);
    expect(code, text).to.equal(0);
    return stdout;
  };
  const failsWith = async (exitCode: number, ...args: string[]): Promise<string> => {
    const { code, text, stderr } = await runImages(project, "keys", ...args);
    expect(code, text).to.equal(exitCode);
    expect(stderr.match(/^error: /gm), stderr).to.have.length(1);
    return stderr;
  };
  const fails = (...args: string[]) => failsWith(EXIT.failed, ...args);
  const list = async (...args: string[]): Promise<(MasterKey & { sealed: string[] })[]> =>
    JSON.parse(await keys("list", "--json", ...args));

  it("makes no folder by listing, and says that there are none", async () => {
    expect(await keys("list")).to.equal("Account platform has no master keys in region north.\n");
    expect(await list()).to.deep.equal([]);
    const made = await access(join(project.dir, ".images", "keys")).then(
      () => true,
      () => false,
    );
    expect(made).to.equal(false);
  });

  it("makes keys for the account and region that are named, and shows each only its own", async () => {
    expect(await keys("create", "--name", "golden")).to.match(
      /^Made default master key golden \(key-[0-9a-f]{12}\) of account platform in region north\.\n$/,
    );
    expect(await keys("create")).to.match(/^Made master key key-/);
    await keys("create", "--account", "web");
    await keys("create", "--region", "south");
    expect((await list()).map(({ isDefault }) => isDefault)).to.deep.equal([true, false]);
    expect(await list("--account", "web")).to.have.length(1);
    const [far] = await list("--region", "south");
    expect(far).to.include({ region: "south", account: "platform", state: "enabled" });
    expect(far!.sealed).to.deep.equal([]);
    const rows = (await keys("list")).trimEnd().split("\n");
    expect(rows).to.have.length(3);
    expect(rows[0]).to.match(/^ID +NAME +DEFAULT +STATE +VERSION +SEALS +CREATED$/);
    expect(rows[1]).to.match(/golden +yes +enabled +1 +0 +\d{4}-/);
    expect(await fails("rotate", far!.id)).to.contain("belongs to account platform in region south");
  });

  it("rotates, disables and enables a key", async () => {
    await keys("create");
    const { id } = (await list())[0]!;
    expect(await keys("rotate", id)).to.equal(
      `Master key ${id} is at version 2; 0 data keys were wrapped anew.\n`,
    );
    expect(await keys("rewrap", id)).to.contain("version 2; 0 data keys");
    expect(await keys("disable", id)).to.contain(`images keys enable ${id}`);
    for (const verb of ["rotate", "rewrap"])
      expect(await fails(verb, id)).to.contain(`is disabled. Enable it: images keys enable ${id}`);
    expect((await list())[0]).to.include({ state: "disabled", version: 2 });
    expect(await keys("enable", id)).to.equal(`Enabled master key ${id}.\n`);
    for (const verb of ["enable", "rotate", "rewrap"])
      expect(await fails(verb, "key-none")).to.contain("There is no master key key-none");
  });

  it("deletes a key in 7 to 30 days, only with consent, and takes that back", async () => {
    await keys("create");
    const { id } = (await list())[0]!;
    expect(await fails("delete", id)).to.contain("--days");
    const unasked = await failsWith(EXIT.needsYes, "delete", id, "--days", "7");
    expect(unasked).to.contain("--yes is needed");
    expect(await fails("delete", id, "--days", "3", "--yes")).to.contain("7 to 30 days");
    expect(await fails("delete", id, "--days", "soon", "--yes")).to.contain("whole number");
    expect(await keys("delete", id, "--days", "7", "--yes")).to.contain(`images keys restore ${id}`);
    expect((await list())[0]!.state).to.equal("pendingDeletion");
    expect(await keys("list")).to.match(/deleted at \d{4}-/);
    expect(await keys("restore", id)).to.equal(`Master key ${id} stays. It is enabled.\n`);
  });

  it("refuses a name that can't be one, and says what else is wrong in one message", async () => {
    expect(await fails("create", "--name", " x")).to.contain("begins or ends with a space");
    expect(await fails("list", "--account", "nobody")).to.contain("no account nobody");
    expect(await fails("nonsense")).to.contain("unknown command");
  });

  const itOnFolder = regionUnderTest === "embedded" && process.platform !== "win32" ? it : it.skip;
  itOnFolder("says that a folder of keys is open to others", async () => {
    await mkdir(join(project.dir, ".images", "keys"), { mode: 0o755 });
    await writeFile(join(project.dir, ".images", "keys", "x"), "");
    expect(await fails("list")).to.contain("chmod 700");
  });
});

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { findPlugin } from "../../../deployer/plugins/plugin-finder";

describe("a plugin's executable", () => {
  let dir: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "plugins-"));
    env = { PULUMI_HOME: path.join(dir, "home"), PATH: path.join(dir, "bin") };
  });
  afterEach(() => rm(dir, { recursive: true }));

  const install = async (folder: string, mode = 0o755): Promise<string> => {
    const file = path.join(dir, folder, "pulumi-resource-x");
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, "", { mode });
    return file;
  };

  it("is that of the wanted version, or else of the newest", async () => {
    const nine = await install("home/plugins/resource-x-v1.9.0");
    const ten = await install("home/plugins/resource-x-v1.10.0");
    expect(findPlugin("x", "1.9.0", env)).to.equal(nine);
    expect(findPlugin("x", undefined, env)).to.equal(ten);
    expect(findPlugin("x", "1.11.0", env)).to.equal(undefined);
    expect(findPlugin("y", undefined, env)).to.equal(undefined);
  });

  it("is the one on PATH before that, whatever its version, unless PATH is to be ignored", async () => {
    const installed = await install("home/plugins/resource-x-v1.9.0");
    const ambient = await install("bin");
    expect(findPlugin("x", "1.9.0", env)).to.equal(ambient);
    expect(findPlugin("x", "1.9.0", { ...env, PULUMI_IGNORE_AMBIENT_PLUGINS: "true" })).to.equal(installed);
  });

  it("isn't a file that can't be run", async () => {
    await install("bin", 0o644);
    expect(findPlugin("x", undefined, env)).to.equal(undefined);
  });
});

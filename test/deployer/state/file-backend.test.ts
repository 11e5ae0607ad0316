import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { FileBackend } from "../../../deployer/state/file-backend";
import { failure } from "./stack-folder";

describe("the place of a file backend", () => {
  const project = { dir: "/srv/shop" };
  const cases: [what: string, backendUrl: string | undefined, env: string | undefined, folder: string][] = [
    ["is the project's folder by default", undefined, undefined, "/srv/shop"],
    ["is backend.url of Pulumi.yaml, from the project's folder", "file://../state", undefined, "/srv/state"],
    ["is PULUMI_BACKEND_URL before that", "file:///a", "file:///b", "/b"],
    ["is relative to the working folder in PULUMI_BACKEND_URL", undefined, "file://./x", "/cwd/x"],
    ["may be in the home folder", undefined, "file://~/x", join(homedir(), "x")],
    ["leaves out the CLI's query parameters", undefined, "file:///b?no_tmp_dir=true", "/b"],
  ];
  for (const [what, backendUrl, url, folder] of cases) {
    it(what, () => {
      const backend = FileBackend.locate({ ...project, backendUrl }, { PULUMI_BACKEND_URL: url }, "/cwd");
      expect(backend.folder).to.equal(folder);
    });
  }

  it("is refused where it is no folder, without its credentials", () => {
    const locate = (): FileBackend =>
      FileBackend.locate(project, { PULUMI_BACKEND_URL: "s3://key:secret@bucket" }, "/");
    expect(locate).to.throw(/PULUMI_BACKEND_URL is s3:\/\/bucket: a backend other than/);
  });
});

describe("a file backend", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "backend-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(join(folder, ".pulumi", file, ".."), { recursive: true });
    await writeFile(join(folder, ".pulumi", file), text);
  };

  it("lists the stacks of one project, those with nothing but a journal too", async () => {
    for (const file of [
      "shop/dev.json",
      "shop/dev.json.bak",
      "shop/dev.json.attrs",
      "shop/new.journal",
      "other/x.json",
    ]) {
      await put(`stacks/${file}`, "");
    }
    expect(await new FileBackend(folder).stacks("shop")).to.deep.equal(["dev", "new"]);
    expect(await new FileBackend(folder).stacks("none")).to.deep.equal([]);
  });

  it("is refused with a layout that isn't known, and with the old one", async () => {
    await put("meta.yaml", "version: 2\n");
    expect(await failure(new FileBackend(folder).stacks("shop"))).to.match(
      /UserError: .*layout 2; images knows layout 1/,
    );
    await rm(join(folder, ".pulumi", "meta.yaml"));
    await put("stacks/dev.json", "{}");
    expect(await failure(new FileBackend(folder).stacks("shop"))).to.match(/pulumi state upgrade/);
  });

  it("refuses compressed checkpoints", async () => {
    await put("stacks/shop/dev.json.gz", "");
    const backend = new FileBackend(folder);
    expect(await failure(backend.check(backend.stack("shop", "dev")))).to.match(
      /The compression of .*dev\.json\.gz isn't supported/,
    );
  });

  it("refuses names that would leave its folders", () => {
    expect(() => new FileBackend(folder).stack("shop", "../../x")).to.throw(/can't be a stack's name/);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readRegionFile } from "../../../../provider/engine/region/region-file";
import { readTeamFile } from "../../../../provider/engine/region/team-file";
import { Fault, ViolationError } from "../../../../provider/engine/violation";

const PLACES =
  "catalog: postgres://operator@db.example:5432/images\ndisks: s3://disks/team/\nkeys: folder:///srv/keys\n";

describe("The operator's file of a team's region", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-team-"));
    file = join(folder, "team.yaml");
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(text: string) {
    await writeFile(file, text);
    return readTeamFile(file);
  }

  async function refusals(text: string): Promise<string[]> {
    const error = await read(text).catch((thrown: unknown) => thrown);
    if (!ViolationError.is(error)) throw error;
    return error.violations.map(({ reason }) => reason.replace(folder, "."));
  }

  it("says in its first document where catalogue, disks and keys are, and which role an account is", async () => {
    const { catalog, disks, keys, regions } = await read(
      `${PLACES}region: north\naccounts:\n  - { name: web, role: web-team }\n  - name: data\n---\nregion: south\n`,
    );
    expect(catalog).to.equal("postgres://operator@db.example:5432/images");
    expect(disks).to.equal("s3://disks/team");
    expect(keys).to.equal("folder:///srv/keys");
    const accounts = regions.map((region) => region.accounts.map(({ name, role }) => [name, role]));
    expect(accounts).to.deep.equal([
      [
        ["web", "web-team"],
        ["data", undefined],
      ],
      [["default", undefined]],
    ]);
  });

  it("is refused with file and line for each place that is missing or wrong", async () => {
    expect(await refusals("region: north\n")).to.deep.equal([
      "./team.yaml:1: catalog is missing: the region's database, postgres://LOGIN@HOST:5432/DATABASE.",
      "./team.yaml:1: disks is missing: the bucket of its disks, s3://BUCKET/PREFIX.",
      "./team.yaml:1: keys is missing: where its master keys are, folder:///PATH, pkcs11:… or awskms:….",
    ]);
    const [catalog, disks, keys] = await refusals(
      "region: north\ncatalog: mysql://db/x\ndisks: /srv/disks\nkeys: vault:x\n",
    );
    expect(catalog).to.match(
      /^\.\/team\.yaml:2: catalog: The endpoint must be the URL of a region's database/,
    );
    expect(disks).to.equal("./team.yaml:3: disks: must be s3://BUCKET/PREFIX.");
    expect(keys).to.match(/^\.\/team\.yaml:4: keys: The keys can't be at vault:/);
  });

  it("never repeats a password", async () => {
    const [reason] = await refusals(
      "catalog: postgres://operator:hunter2@db\ndisks: s3://disks\nkeys: folder:///k\n",
    );
    expect(reason).to.include("names no database").and.not.include("hunter2");
  });

  it("is refused where a later document has places of its own", async () => {
    expect(await refusals(`${PLACES}---\nregion: south\ndisks: s3://other\n`)).to.deep.equal([
      "./team.yaml:6: disks stands in the first document, for all of them.",
    ]);
  });

  it("is refused for roles of the server's own", async () => {
    for (const role of ["pg_monitor", "public", "none", "a b", "1st"]) {
      const [reason] = await refusals(`${PLACES}accounts:\n  - name: web\n    role: "${role}"\n`);
      expect(reason, role).to.match(/^\.\/team\.yaml:6: accounts\[0\]\.role: must be 1 to 63 of/);
    }
  });

  it("has to be there", async () => {
    const error = await readTeamFile(join(folder, "absent.yaml")).catch((thrown: unknown) => thrown);
    expect(Fault.is(error)).to.equal(true);
    expect((error as Error).message).to.include("absent.yaml");
  });

  it("is refused in the folder of an embedded region, line by line", async () => {
    await writeFile(join(folder, "region.yaml"), `${PLACES}accounts:\n  - { name: web, role: web }\n`);
    const error = await readRegionFile(folder).catch((thrown: unknown) => thrown);
    const reasons = (error as ViolationError).violations.map(({ reason }) => reason.replace(folder, "."));
    expect(reasons.map((reason) => reason.slice(0, 30))).to.deep.equal([
      "./region.yaml:1: catalog is of",
      "./region.yaml:2: disks is of a",
      "./region.yaml:3: keys is of a ",
      "./region.yaml:5: accounts[0]: ",
    ]);
    expect(reasons[0]).to.include("images region apply");
  });
});

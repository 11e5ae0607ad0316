import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { endpointOf, projectFolder, readConfiguration } from "../../../provider/lifecycle/configuration";

describe("the configuration", () => {
  it("reads images:… in both forms of its keys, and nothing else", () => {
    const { configuration, violations } = readConfiguration({
      "images:region": "local",
      "images:config:account": "web",
      "images:endpoint": "region",
      "aws:regoin": "eu",
    });
    expect(configuration).to.deep.equal({ region: "local", account: "web", endpoint: "region" });
    expect(violations).to.deep.equal([]);
  });

  it("refuses keys that it doesn't know, with the nearest, and empty values", () => {
    const { violations } = readConfiguration({ "images:regoin": "local", "images:account": " " });
    expect(violations.map(({ property, reason }) => `${property} ${reason}`)).to.deep.equal([
      "images:regoin The configuration has no key images:regoin. Did you mean images:region? Remove it with: config rm images:regoin",
      "images:account It must be a text that isn't empty.",
    ]);
  });

  it("refuses an endpoint that would be a folder and is a mistyped URL, without quoting it", () => {
    const reasons = (endpoint: string) =>
      readConfiguration({ "images:endpoint": endpoint }).violations.map(({ reason }) => reason);
    for (const mistyped of [
      "postgres//alice@db:5432/images",
      "alice:hunter2@db:5432/images",
      "alice@db/images",
    ])
      expect(reasons(mistyped).join(), mistyped)
        .to.match(/^It would be the path of a folder.* Write it as postgres:\/\//)
        .and.not.to.contain("alice");
    for (const right of [
      "postgres://alice@db/images",
      "postgres",
      "./alice@db/images",
      "/srv/a@b/region",
      ".images",
    ])
      expect(reasons(right), right).to.deep.equal([]);
  });

  it("starts relative paths from the folder of the Pulumi.yaml above the program", () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "images-project-")));
    try {
      writeFileSync(join(folder, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
      mkdirSync(join(folder, "src", "deep"), { recursive: true });
      expect(projectFolder(join(folder, "src", "deep"))).to.equal(folder);
      expect(endpointOf({}, folder)).to.equal(join(folder, ".images"));
      expect(endpointOf({ endpoint: "../region" }, folder)).to.equal(join(folder, "..", "region"));
      expect(endpointOf({ endpoint: "/region" }, folder)).to.equal("/region");
      expect(endpointOf({ endpoint: "s3://bucket" }, folder)).to.equal("s3://bucket");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { copyExample } from "../support/example";
import { freePort } from "../support/free-port";
import { imagesCommand } from "../support/paths";
import { describeWithPostgres } from "../support/postgres-server";
import type { Project } from "../support/project";
import { describeWithS3, s3ServerCommand } from "../support/s3-server";
import { describeWithSoftHsm } from "../support/softhsm";
import { describeWith } from "../support/tools";

/** The commands of its page, block for block. */
async function blocksOf(project: Project): Promise<string[]> {
  const page = await readFile(path.join(project.dir, "README.md"), "utf8");
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands!);
}

function bash(project: Project, script: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const options = { cwd: project.dir, env: { ...process.env, NO_COLOR: "1", ...project.env } };
    const args = ["-e", "-o", "pipefail", "-c", script];
    const child = execFile("bash", args, options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

describeWithPostgres("the example team-region", () => {
  describeWithS3("with its own servers", () => {
    describeWithSoftHsm("and a software HSM", () => {
      describeWith(["psql", "pg_dump", "qemu-img"], "and PostgreSQL's tools", () => {
        let project: Project;
        before(async () => {
          const [PGPORT, S3PORT] = [String(await freePort()), String(await freePort())];
          project = await copyExample("team-region", { PGPORT, S3PORT, VERSITYGW: s3ServerCommand });
          const bin = path.join(project.dir, "node_modules", ".bin");
          await mkdir(bin);
          const command = path.join(bin, "images");
          await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${imagesCommand}" "$@"\n`);
          await chmod(command, 0o755);
        });
        after(async () => {
          await bash(project, "node servers.mjs stop");
          await project.remove();
        });

        it("does what its page says, a backup and what is brought back from it included", async function () {
          this.timeout(300_000);
          const [start, setUp, deploy, audit, backup, end, ...others] = await blocksOf(project);
          expect(others).to.deep.equal([]);
          const does = async (commands: string): Promise<string> => {
            const { code, text } = await bash(project, commands);
            expect(code, text).to.equal(0);
            return text;
          };
          await does(start!);
          expect(await does(setUp!)).to.match(/\+ account web in region north: role web/);
          expect(await does(deploy!)).to.match(/golden +shared/);
          const lines = (await does(audit!)).split("\n").filter((line) => / insert +image /.test(line));
          expect(lines.map((line) => line.split(/ +/).slice(1, 3))).to.deep.equal([
            ["alice", "north/platform"],
            ["alice", "north/platform"],
            ["bob", "north/web"],
          ]);
          await does(backup!);
          await does(end!);
        });
      });
    });
  });
});

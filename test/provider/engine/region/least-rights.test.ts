import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { openRegion } from "../../../../provider/engine/open-region";
import { applyRegion } from "../../../../provider/engine/region/apply-region";
import { planApplication } from "../../../../provider/engine/region/plan-application";
import { documentedPolicy } from "../../../support/documented-policy";
import { describeWithKms, KmsEmulator } from "../../../support/kms-emulator";
import { describeWithPostgres, PostgresServer } from "../../../support/postgres-server";
import { describeWithS3, S3Server, withEnv } from "../../../support/s3-server";

/** What docs/keys.md says that every program needs. */
const OF_PROGRAMS = ["Encrypt", "Decrypt"];

/** In front of the emulator, which asks nobody for rights: passes on these actions only. */
async function gate(upstream: string, allowed: string[]): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const target = String(request.headers["x-amz-target"]);
    const type = { "content-type": "application/x-amz-json-1.1" };
    if (!allowed.includes(target.replace("TrentService.", ""))) {
      response.writeHead(400, type).end(JSON.stringify({ __type: "AccessDeniedException", message: target }));
      return;
    }
    const headers = { ...type, "x-amz-target": target, authorization: request.headers.authorization ?? "" };
    const answer = await fetch(upstream, { method: "POST", headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, type).end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describeWithPostgres("With the least rights that the documentation names", () => {
  describeWithS3("in the bucket", () => {
    describeWithKms("and in AWS KMS", () => {
      let folder: string;
      let kms: KmsEmulator;
      let narrow: Server;
      after(async () => {
        narrow.close();
        await kms.end();
        await rm(folder, { recursive: true, force: true });
      });

      it("an account makes a disk, copies it, seals it and removes all of them, from the operator's first application on", async () => {
        const [postgres, s3] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
        kms = await KmsEmulator.start();
        narrow = await gate(kms.env.AWS_ENDPOINT_URL_KMS!, OF_PROGRAMS);
        folder = await mkdtemp(path.join(tmpdir(), "images-rights-"));
        const [database, bucket] = await Promise.all([postgres.newDatabase(), s3.newBucket()]);
        const role = `${database.name}_web`;
        const file = path.join(folder, "region.yaml");
        const places = `catalog: ${database.url}\ndisks: s3://${bucket}/team\nkeys: awskms:eu-central-1\n`;
        await writeFile(
          file,
          `${places}region: north\naccounts: [{ name: web, role: ${role}, defaultKey: true }]\n`,
        );
        const [user, operator] = [await s3.newUser(), await s3.newUser()];
        await s3.applyPolicy(bucket, await documentedPolicy(bucket, "team", { user, operator }));
        await withEnv({ ...kms.env, ...s3.env, ...operator, AWS_REGION: "us-east-1" }, async () =>
          applyRegion(await planApplication(file)),
        );

        const endpoint = await postgres.newLogin(database, role);
        const port = (narrow.address() as AddressInfo).port;
        const env = {
          ...s3.env,
          ...user,
          AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}`,
          AWS_REGION: "us-east-1",
        };
        const seed = path.join(folder, "seed.raw");
        await writeFile(seed, randomBytes(2 ** 20));
        await withEnv(env, async () => {
          const engine = await openRegion({ endpoint });
          try {
            const declaration = (name: string) => ({
              ...engine.defaults,
              declaredBy: `urn:pulumi:dev::shop::images:PrivateImage::${name}`,
              creationToken: `token-${name}`,
            });
            const ofFile = { declaration: declaration("seed"), name: "seed", imageFile: seed } as const;
            const request = { ...ofFile, imageType: "data" } as const;
            await engine.images.check(request);
            const image = await engine.images.create(request);
            const copy = { declaration: declaration("disk"), image: { id: image.id } };
            await engine.volumes.check(copy);
            const volume = await engine.volumes.create(copy);
            const replica = { declaration: declaration("sealed"), image: { id: image.id }, encrypted: true };
            await engine.replicas.check({ ...replica, name: "sealed" });
            const sealed = await engine.replicas.create({ ...replica, name: "sealed" });
            expect(await s3.keys(bucket)).to.not.deep.equal([]);
            await engine.images.remove(sealed.id);
            await engine.volumes.remove(volume.id);
            await engine.images.remove(image.id);
          } finally {
            await engine.close();
          }
        });
        expect(await s3.keys(bucket)).to.deep.equal([]);
      });
    });
  });
});

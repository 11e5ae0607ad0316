import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyVault } from "../../../../provider/engine/keys/key-vault";
import { MemoryKeyVault } from "../../../../provider/engine/keys/memory/memory-key-vault";
import { openKeyVault } from "../../../../provider/engine/keys/open-key-vault";
import { describeWithKms, KmsEmulator } from "../../../support/kms-emulator";
import { regionUnderTest } from "../../../support/regions/region-under-test";
import { sharedTeamServers } from "../../../support/regions/team-servers";
import { describeWithSoftHsm, SoftHsm } from "../../../support/softhsm";

/** Suites for each vault that ships: skipped where what serves one isn't here. `open` gives a vault of its own. */
export function describeForVaults(title: string, define: (open: () => KeyVault) => void): void {
  describe(`${title}, in memory`, () => define(() => new MemoryKeyVault()));

  describe(`${title}, in a folder`, () => {
    let folder: string;
    let made = 0;
    before(async () => (folder = await mkdtemp(join(tmpdir(), "images-keys-"))));
    after(() => rm(folder, { recursive: true }));
    define(() => openKeyVault(`folder://${folder}/keys-${++made}`, { makesFolder: true }));
  });

  describeWithSoftHsm(`${title}, on a PKCS#11 token`, () => {
    let hsm: SoftHsm;
    let environment: NodeJS.ProcessEnv;
    before(async () => {
      // A process reaches the tokens of one SoftHSM.
      hsm = regionUnderTest === "team" ? (await sharedTeamServers()).hsm : await SoftHsm.make();
      environment = putEnv(hsm.env);
    });
    after(async () => {
      putEnv(environment);
      if (regionUnderTest !== "team") await hsm.remove();
    });
    define(() => openKeyVault(hsm.url));
  });

  describeWithKms(`${title}, in AWS KMS`, () => {
    let emulator: KmsEmulator;
    let environment: NodeJS.ProcessEnv;
    before(async () => {
      emulator = await KmsEmulator.start();
      // It takes any credentials, and the disks of a team's region need theirs.
      const ofDisks = regionUnderTest === "team" ? (await sharedTeamServers()).s3.env : {};
      environment = putEnv({ ...emulator.env, ...ofDisks, AWS_REGION: "us-east-1" });
    });
    after(async () => {
      putEnv(environment);
      await emulator.end();
    });
    define(() => openKeyVault("awskms:eu-central-1"));
  });
}

/** Puts these into the environment; returns what was there. */
export function putEnv(values: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return before;
}

/** A process that begins a run in the folder given and waits to be killed: `done` was created, `lost` is being created. */
import { secret } from "../../../deployer/wire/property-value";
import { Passphrase } from "../../../deployer/secrets/passphrase";
import { FileBackend } from "../../../deployer/state/file-backend";
import { FileStackStore } from "../../../deployer/state/file-stack-store";
import { PASSPHRASE, thing } from "./stack-folder";

async function main(folder: string): Promise<void> {
  const passphrase = new Passphrase(PASSPHRASE);
  const store = new FileStackStore({
    backend: new FileBackend(folder),
    project: "shop",
    stack: "dev",
    passphrase,
    crypter: (salt) => (salt ? passphrase.open(salt) : passphrase.create()),
  });
  const session = await store.begin("up");
  session.append({ kind: "begin", step: 0, operation: "creating", resource: thing("done") });
  session.append({ kind: "end", step: 0, state: thing("done", { outputs: { token: secret("t") } }) });
  session.append({ kind: "begin", step: 1, operation: "creating", resource: thing("lost") });
  await session.flush();
  process.send!("ready");
  setInterval(() => {}, 1000);
}

void main(process.argv[2]!);

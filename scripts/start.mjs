// npm start: the main job, end to end, on the embedded region: preview, then deploy examples/quickstart.
import { join } from "node:path";
import { build, install, must, node, root } from "./run.mjs";

install();
build();

const cwd = join(root, "examples", "quickstart");
const env = { ...process.env };
// The quickstart has no secrets; a passphrase set by the user is respected.
if (!env.PULUMI_CONFIG_PASSPHRASE_FILE) env.PULUMI_CONFIG_PASSPHRASE ??= "";

const bold = (text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[22m` : text);

function images(title, ...args) {
  console.log(`\n${bold(title)}\n$ images ${args.join(" ")}\n`);
  must(...node("dist/cli/main.js", ...args), { cwd, env });
}

images("1. Preview: what would be done, every rule checked, nothing changed", "preview", "--stack", "dev");
images("2. Deploy", "up", "--stack", "dev", "--yes", "--skip-preview");
images("3. The images that the account has", "list", "--stack", "dev", "--visibility", "private");
images("4. Its quotas", "quotas", "--stack", "dev");

console.log(`
Next:
  npm start                                     again: nothing changes
  cd examples/quickstart                        edit index.ts, then
  npx images preview --stack dev                see the plan, or the refusal
  npx images up --stack dev                     deploy it
  npx images destroy --stack dev --yes          take it all down
(The quickstart's stack has an empty passphrase: export PULUMI_CONFIG_PASSPHRASE="" first.)`);

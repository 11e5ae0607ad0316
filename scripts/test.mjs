// npm test: installs, checks types by compiling, lints, and runs every test, those of whole programs on both kinds of
// region. The last line counts them all.
import { chmodSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { isPostgresHere, need, needModule, requireInCi } from "./needs.mjs";
import { build, install, node, root, run } from "./run.mjs";
import { prepareKmsEmulator } from "./kms-emulator.mjs";
import { prepareS3Server } from "./s3-server.mjs";

install();
build();
requireTests(".mocharc.team.json");
requireInCi(need("qemu-img", "qemu-utils", "tests of disks other than raw are skipped"), "qemu-img");
const s3 = prepareS3Server();
requireInCi(s3, "an S3 server");
const postgres = need(
  "PostgreSQL's initdb",
  "postgresql",
  "tests of regions for teams are skipped",
  isPostgresHere,
);
requireInCi(postgres, "PostgreSQL 15");
const tokens = "tests of keys in PKCS#11 tokens are skipped";
const hsm = need("softhsm2-util", "softhsm2", tokens);
requireInCi(hsm, "softhsm2");
const pkcs11 = needModule("pkcs11js", tokens);
requireInCi(pkcs11, "pkcs11js");
requireInCi(prepareKmsEmulator(), "an emulator of AWS KMS");
if (process.env.CI) need("chromium", "chromium", "tests of pages in a browser are skipped");
for (const lint of [
  node("node_modules/eslint/bin/eslint.js", "."),
  node("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."),
]) {
  if (run(...lint) !== 0) {
    console.log("0 passed, 1 failed, 0 skipped");
    process.exit(1);
  }
}
// All that tests write is here, and goes with this process even where they are killed. Database servers are other users.
const folder = mkdtempSync(join(tmpdir(), "images-test-"));
chmodSync(folder, 0o755);
const { vanishWithUs } = await import("../dist/test/support/vanishing.js");
vanishWithUs(folder);
const env = { ...process.env, TMPDIR: folder, TEST_COUNTS: join(folder, "counts.json") };
// Tests also wait for processes, servers and clocks: more of them at once than there are cores keep these busy.
const jobs = String(availableParallelism() + 2);
const reporter = "scripts/closing-line-reporter.cjs";
const mocha = ["node_modules/mocha/bin/mocha.js", "--jobs", jobs, "--reporter", reporter];
const chosen = process.argv.slice(2);
let code = run(...node(...mocha, ...chosen), { env });
if (s3 && postgres && hsm && pkcs11) {
  console.log("\nThe same programs on a team's region: PostgreSQL, S3 and a token of keys");
  const team = node(...mocha, "--config", ".mocharc.team.json", ...chosen);
  code = run(...team, { env: { ...env, IMAGES_TEST_REGION: "team" } }) || code;
}
process.exit(code);

/** A test that was renamed would be left out with a warning only. */
function requireTests(configuration) {
  const { spec } = JSON.parse(readFileSync(join(root, configuration), "utf8"));
  const gone = spec.filter((file) => !file.includes("*") && !existsSync(join(root, file)));
  if (gone.length === 0) return;
  console.log(`${configuration} names tests that aren't there: ${gone.join(", ")}`);
  process.exit(1);
}

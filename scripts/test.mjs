// npm test: installs, checks types by compiling, lints, and runs every test. The last line counts them.
import { isPostgresHere, need, needModule, requireInCi } from "./needs.mjs";
import { build, install, node, run } from "./run.mjs";
import { prepareKmsEmulator } from "./kms-emulator.mjs";
import { prepareS3Server } from "./s3-server.mjs";

install();
build();
requireInCi(need("qemu-img", "qemu-utils", "tests of disks other than raw are skipped"), "qemu-img");
requireInCi(prepareS3Server(), "an S3 server");
const postgres = need(
  "PostgreSQL's initdb",
  "postgresql",
  "tests of regions for teams are skipped",
  isPostgresHere,
);
requireInCi(postgres, "PostgreSQL 15");
const tokens = "tests of keys in PKCS#11 tokens are skipped";
requireInCi(need("softhsm2-util", "softhsm2", tokens), "softhsm2");
requireInCi(needModule("pkcs11js", tokens), "pkcs11js");
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
const [program, args] = node(
  "node_modules/mocha/bin/mocha.js",
  "--reporter",
  "scripts/closing-line-reporter.cjs",
);
process.exit(run(program, [...args, ...process.argv.slice(2)]));

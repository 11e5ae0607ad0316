import { Command } from "commander";
import { PACKAGE_VERSION } from "../deployer/version";
import { addConfigGet } from "./stack/config-get";
import { addConfigList } from "./stack/config-list";
import { addConfigRemove } from "./stack/config-remove";
import { addConfigSet } from "./stack/config-set";
import { addDestroy } from "./stack/destroy";
import { addKeys } from "./region/keys/keys";
import { addLineage } from "./region/lineage";
import { addAudit } from "./region/audit";
import { addDoctor } from "./region/doctor";
import { addList } from "./region/list";
import { addPreview } from "./stack/preview";
import { addQuotas } from "./region/quotas";
import { addRegion } from "./region/region";
import { addRefresh } from "./stack/refresh";
import { addStackExport } from "./stack/stack-export";
import { addStackImport } from "./stack/stack-import";
import { addStackInit } from "./stack/stack-init";
import { addStackList } from "./stack/stack-list";
import { addStackOutput } from "./stack/stack-output";
import { addStackRemove } from "./stack/stack-remove";
import { addStackSelect } from "./stack/stack-select";
import { addUp } from "./stack/up";

/** The command line. Command files load what they do only when they run, so that help is quick. */
export function createProgram(): Command {
  const program = new Command("images")
    .description("Preview and deploy Pulumi programs with private VM images, without the Pulumi CLI.")
    .version(PACKAGE_VERSION)
    .showHelpAfterError(
      "(--help shows what there is; what only the Pulumi CLI has, it does on the same state)",
    )
    .addHelpText(
      "after",
      `
State is kept as the Pulumi CLI keeps it in a file backend: PULUMI_BACKEND_URL (file:// only), else backend.url of
Pulumi.yaml, else .pulumi beside it; \`pulumi login file://<folder>\` takes up the same stacks.
Secrets are encrypted under PULUMI_CONFIG_PASSPHRASE (it may be empty) or PULUMI_CONFIG_PASSPHRASE_FILE.`,
    );
  addPreview(program);
  addUp(program);
  addRefresh(program);
  addDestroy(program);
  const stack = program.command("stack").description("the project's stacks, their outputs and state");
  for (const add of [addStackList, addStackInit, addStackSelect, addStackOutput]) add(stack);
  for (const add of [addStackExport, addStackImport, addStackRemove]) add(stack);
  const config = program.command("config").description("the stack's configuration");
  for (const add of [addConfigList, addConfigSet, addConfigGet, addConfigRemove]) add(config);
  addList(program);
  addLineage(program);
  addQuotas(program);
  addDoctor(program);
  addKeys(program);
  addRegion(program);
  addAudit(program);
  return program;
}

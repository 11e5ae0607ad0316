import { unsupported, UserError } from "./user-error";

/** By these the Pulumi CLI does another thing, which isn't there. */
export const REFUSED_VARIABLES = [
  "PULUMI_CONTINUE_ON_ERROR",
  "PULUMI_RUN_PROGRAM",
  ...["GZIP", "ZSTD", "LEGACY_LAYOUT"].flatMap((it) => [
    `PULUMI_DIY_BACKEND_${it}`,
    `PULUMI_SELF_MANAGED_STATE_${it}`,
  ]),
  "PULUMI_DEBUG_PROVIDERS",
  "PULUMI_DISABLE_PROVIDER_PREVIEW",
  "PULUMI_LEGACY_PROVIDER_PREVIEW",
  "PULUMI_DISABLE_RESOURCE_REFERENCES",
  "PULUMI_DISABLE_OUTPUT_VALUES",
];

/** As the CLI reads its own variables. */
export function isTruthy(text: string | undefined): boolean {
  return /^(1|true)$/i.test(text ?? "");
}

/** @throws UserError where a variable asks for what only the Pulumi CLI does. */
export function refuseVariables(env: NodeJS.ProcessEnv): void {
  const set = REFUSED_VARIABLES.find((name) => !/^(0|false|)$/i.test(env[name] ?? ""));
  if (set) throw new UserError(unsupported(set));
}

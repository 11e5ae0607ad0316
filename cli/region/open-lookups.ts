import type { ImageEngine, Lookups } from "../../provider/engine/engine";
import { ViolationError } from "../../provider/engine/violation";
import { openRegion } from "../../provider/engine/open-region";
import type { RegionOptions as RegionPlace } from "../../provider/engine/open-region";
import { endpointOf, readConfiguration } from "../../provider/lifecycle/configuration";
import type { StackOptions } from "../command-options";
import { openStack } from "../stack/stack-context";

export interface RegionOptions extends StackOptions {
  region?: string;
  account?: string;
}

export interface Scope {
  region: string;
  account: string;
}

/** Looks into the region that the stack's configuration names, as its resources would. */
export function withLookups<T>(
  options: RegionOptions,
  look: (lookups: Lookups, scope: Scope) => Promise<T>,
): Promise<T> {
  return withEngine(options, ({ lookups, defaults }) => look(lookups, defaults));
}

/** Where the stack's configuration says that its region is, and which account of it. */
export async function configuredRegion(options: RegionOptions): Promise<RegionPlace> {
  const { project, config, passphrase } = await openStack(options);
  const own = config.keys.filter((key) => key.startsWith("images:"));
  const secret = own.some((key) => config.isSecret(key));
  const { values } = config.gather(
    secret && config.salt ? await passphrase.open(config.salt) : undefined,
    "images:",
  );
  const { configuration, violations } = readConfiguration(values);
  if (violations.length > 0) throw new ViolationError(violations);
  return {
    endpoint: endpointOf(configuration, project.dir),
    region: options.region ?? configuration.region,
    account: options.account ?? configuration.account,
  };
}

/** Works on that region, in the account that the options or the configuration name. */
export async function withEngine<T>(
  options: RegionOptions,
  work: (engine: ImageEngine) => Promise<T>,
): Promise<T> {
  const engine = await openRegion(await configuredRegion(options));
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

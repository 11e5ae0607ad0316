import { DYNAMIC_PACKAGE } from "../plugins/plugin-host";
import type { PropertyMap } from "../wire/property-value";
import { secret } from "../wire/property-value";
import { providerType } from "../wire/urn";
import { withVersion } from "./provider-registry";
import type { Registration } from "./registration";

interface Stack {
  config: Record<string, string>;
  secretKeys: Set<string>;
}

/** The providers of a run for resources that name none: one for each package and version, made at its first use. */
export class DefaultProviders {
  private readonly references = new Map<string, Promise<string>>();

  /** `register` does what it takes to have a provider, and resolves to its reference. */
  constructor(
    private readonly stack: Stack,
    private readonly register: (registration: Registration) => Promise<string>,
  ) {}

  get(packageName: string, version: string): Promise<string> {
    const registration = defaultProvider(packageName, version, this.stack);
    const key = `${packageName} ${registration.name}`;
    let reference = this.references.get(key);
    if (!reference) {
      reference = this.register(registration);
      this.references.set(key, reference);
    }
    return reference;
  }
}

/** The provider of a package, as if the program had declared it. */
export function defaultProvider(packageName: string, version: string, stack: Stack): Registration {
  return {
    type: providerType(packageName),
    name: defaultProviderName(version),
    custom: true,
    parent: "",
    inputs: withVersion(packageConfig(packageName, stack), version),
    provider: "",
    providers: {},
    version,
    dependencies: [],
    propertyDependencies: {},
    deletedWith: "",
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
  };
}

/** `default`, or `default_4_21_0` for a version of a package. */
export function defaultProviderName(version: string): string {
  if (!version) return "default";
  const [core = "", ...rest] = version.replace(/^v/, "").split(/[-+]/);
  return ["default", ...core.split("."), ...rest.flatMap((part) => part.split("."))].join("_");
}

/** The stack's configuration of a package: `key` of `package:key`; for the dynamic provider all of it, with whole keys. */
function packageConfig(packageName: string, { config, secretKeys }: Stack): PropertyMap {
  const inputs: PropertyMap = {};
  for (const [key, value] of Object.entries(config)) {
    const at = key.indexOf(":");
    const dynamic = packageName === DYNAMIC_PACKAGE;
    if (!dynamic && key.slice(0, at) !== packageName) continue;
    inputs[dynamic ? key : key.slice(at + 1)] = secretKeys.has(key) ? secret(value) : value;
  }
  return inputs;
}

/** `urn:pulumi:STACK::PROJECT::PARENTTYPE$TYPE::NAME` */
export const ROOT_STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_PREFIX = "pulumi:providers:";

export function createUrn(options: {
  stack: string;
  project: string;
  /** The parent's URN, or "". */
  parent: string;
  type: string;
  name: string;
}): string {
  const { stack, project, parent, type, name } = options;
  const parentType = parent && qualifiedTypeOf(parent);
  const chain = parentType && parentType !== ROOT_STACK_TYPE ? `${parentType}$${type}` : type;
  return `urn:pulumi:${stack}::${project}::${chain}::${name}`;
}

/** The types of the resource and of its ancestors below the stack, joined by `$`. */
export function qualifiedTypeOf(urn: string): string {
  return urn.split("::")[2] ?? "";
}

export function typeOf(urn: string): string {
  const chain = qualifiedTypeOf(urn);
  return chain.slice(chain.lastIndexOf("$") + 1);
}

/** A name may itself contain `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_PREFIX);
}

export function providerType(packageName: string): string {
  return PROVIDER_PREFIX + packageName;
}

/** The package that a provider's type manages. */
export function providerPackage(type: string): string {
  return type.slice(PROVIDER_PREFIX.length);
}

/** The package that manages a type: `aws` of `aws:s3/bucket:Bucket`. */
export function packageOf(type: string): string {
  return type.slice(0, type.indexOf(":"));
}

/** `URN::ID` of a provider resource. */
export function parseProviderReference(reference: string): { urn: string; id: string } {
  const at = reference.lastIndexOf("::");
  return { urn: reference.slice(0, at), id: reference.slice(at + 2) };
}

/** The provider of a package for resources that name none: bookkeeping, which isn't shown. */
export function isDefaultProvider(urn: string): boolean {
  return isProviderType(typeOf(urn)) && /^default(_|$)/.test(nameOf(urn));
}

/** The URN in the reference of a provider. */
export function providerUrn(reference: string): string {
  return parseProviderReference(reference).urn;
}

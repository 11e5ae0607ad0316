import { packageOf, parseProviderReference, providerPackage, typeOf } from "../wire/urn";
import type { Registration } from "./registration";

type Inherited = Pick<
  Registration,
  "protect" | "retainOnDelete" | "deletedWith" | "provider" | "providers" | "custom"
>;

/** What resources take from their parents, where they don't say otherwise. */
export class Inheritance {
  private readonly parents = new Map<string, Inherited>();

  /** The registration with its parent's options, and with the explicit provider that it ends up with, or "". */
  apply(registration: Registration): Registration {
    const parent = this.parents.get(registration.parent);
    const resource = { ...registration };
    if (parent) {
      resource.protect ??= parent.protect;
      resource.retainOnDelete ??= parent.retainOnDelete;
      resource.deletedWith ||= parent.deletedWith;
    }
    if (!resource.custom) {
      resource.providers = { ...(parent && !parent.custom ? parent.providers : {}), ...resource.providers };
    }
    resource.provider ||= this.provider(resource, parent);
    return resource;
  }

  remember(urn: string, resource: Registration, reference: string): void {
    this.parents.set(urn, { ...resource, provider: reference });
  }

  private provider(resource: Registration, parent: Inherited | undefined): string {
    if (!parent || !resource.custom) return "";
    const packageName = packageOf(resource.type);
    if (parent.provider && managed(parent.provider) === packageName) return parent.provider;
    return parent.custom ? "" : (parent.providers[packageName] ?? "");
  }
}

function managed(reference: string): string {
  return providerPackage(typeOf(parseProviderReference(reference).urn));
}

import * as pulumi from "@pulumi/pulumi";

const STACK_TYPE = "pulumi:pulumi:Stack";

/** What the SDK keeps of each resource, however many copies of it are loaded. */
interface Registered {
  __pulumiType: string;
  __name: string;
  __parentResource?: Registered;
}

/** The URN that the engine will give to a resource: known at once, while `resource.urn` waits for the registration. */
export function urnOf(type: string, name: string, parent?: pulumi.Resource): string {
  const types = [type];
  for (let above = parent as unknown as Registered | undefined; above; above = above.__parentResource) {
    if (above.__pulumiType === STACK_TYPE) break;
    types.unshift(above.__pulumiType);
  }
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types.join("$")}::${name}`;
}

/** Type token of a resource, as its URN ends. */
export function typeOf(resource: pulumi.Resource): string {
  return (resource as unknown as Registered).__pulumiType;
}

/** The name that the program gives it. */
export function nameOf(resource: pulumi.Resource): string {
  return (resource as unknown as Registered).__name;
}

/** The URN of a resource that has been constructed. */
export function urnOfResource(resource: pulumi.Resource): string {
  const { __pulumiType, __name, __parentResource } = resource as unknown as Registered;
  return urnOf(__pulumiType, __name, __parentResource as unknown as pulumi.Resource | undefined);
}

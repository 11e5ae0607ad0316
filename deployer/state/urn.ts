/** The parts of `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`; a name may hold `::`. */
export function parseUrn(urn: string): { stack: string; project: string; type: string; name: string } {
  const [head = "", project = "", types = "", ...name] = urn.split("::");
  return {
    stack: head.slice("urn:pulumi:".length),
    project,
    type: types.slice(types.lastIndexOf("$") + 1),
    name: name.join("::"),
  };
}

/** The class that a program writes: `PrivateImage` of `pulumi-nodejs:dynamic/images:PrivateImage`. */
export function shortType(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** How messages name a resource: `PrivateImage golden`. */
export function describeUrn(urn: string): string {
  const { type, name } = parseUrn(urn);
  return name ? `${shortType(type)} ${name}` : urn;
}

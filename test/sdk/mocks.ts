import * as pulumi from "@pulumi/pulumi";

export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  id?: string;
}

/** Pulumi's mocks with every resource's inputs as its outputs; returns what gets declared. */
export function recordDeclarations(preview = false): Declared[] {
  const declared: Declared[] = [];
  void pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        declared.push({ type, name, inputs, id });
        return { id: preview && !id ? undefined : id || `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "project",
    "stack",
    preview,
  );
  return declared;
}

/** Resolves once the resources are registered. */
export async function registered(...resources: pulumi.Resource[]): Promise<void> {
  for (const resource of resources) {
    await new Promise((resolve) => resource.urn.apply(resolve));
  }
}

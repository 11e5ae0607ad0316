import type * as pulumi from "@pulumi/pulumi";

/**
 * How long the disk work of an operation may take: `"90s"`, `"30m"`, `"1h30m"`. When the time is up the operation fails,
 * says how far it was, and leaves nothing of what it was making. Without a limit it takes as long as it takes.
 */
export interface CreateTimeouts {
  /** Copying, sealing, converting, sending and the checksum of a creation. */
  create?: pulumi.Input<string>;
}

export interface Timeouts extends CreateTimeouts {
  /** The same of a change in place. */
  update?: pulumi.Input<string>;
}

/** Of `customTimeouts`, those that the class has: a provider isn't told a resource's options. */
export function timeoutsOf(
  { customTimeouts }: pulumi.CustomResourceOptions,
  names: readonly (keyof Timeouts)[],
): Timeouts | undefined {
  const given = names.filter((name) => customTimeouts && customTimeouts[name]);
  if (!customTimeouts || given.length === 0) return undefined;
  const timeouts: Timeouts = {};
  for (const name of given) timeouts[name] = customTimeouts[name];
  return timeouts;
}

/* Resources of the differential suite's programs. This module is copied into their folders. */
import * as pulumi from "@pulumi/pulumi";

export interface ThingArgs {
  /** Any value; a change of it is an update. */
  value?: pulumi.Input<unknown>;
  size?: pulumi.Input<number>;
  /** A change of it is a replacement. */
  place?: pulumi.Input<unknown>;
  /** A change of it is a replacement that deletes first. */
  room?: pulumi.Input<unknown>;
}

/** A resource of which `things.json` says what goes wrong with it. */
export class Thing extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<unknown>;
  declare readonly size: pulumi.Output<number>;
  /** How often it has been made: known once it is. */
  declare readonly serial: pulumi.Output<number>;
  /** Follows from the value: known once it is made. */
  declare readonly shown: pulumi.Output<string>;

  constructor(name: string, args: ThingArgs = {}, opts?: pulumi.CustomResourceOptions, provider = "full") {
    const outputs = { serial: undefined, shown: undefined, size: undefined };
    const __provider = `exports.handler = () => require("./thing-provider").${provider}`;
    super("pulumi-nodejs:dynamic/test:Thing", name, { name, ...outputs, ...args, __provider }, opts);
  }

  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Thing {
    return new Thing(name, {}, { ...opts, id });
  }
}

/** Its provider can neither compare nor update. */
export class Plain extends Thing {
  constructor(name: string, args: ThingArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super(name, args, opts, "plain");
  }
}

/** A component with things in it, made by `make`, whose result it has as outputs. */
export class Group extends pulumi.ComponentResource {
  readonly outputs: Record<string, unknown>;

  constructor(
    name: string,
    make: (inside: { parent: Group }) => Record<string, unknown> | void = () => undefined,
    opts?: pulumi.ComponentResourceOptions,
    type = "test:index:Group",
  ) {
    super(type, name, {}, opts);
    this.outputs = make({ parent: this }) ?? {};
    this.registerOutputs(this.outputs);
  }
}

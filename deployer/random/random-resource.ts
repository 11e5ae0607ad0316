import { isObject } from "../wire/properties";
import type { PropertyMap, PropertyValue } from "../wire/property-value";

export interface InputSpec {
  type: "integer" | "boolean" | "string" | "strings" | "stringMap";
  required?: boolean;
  default?: PropertyValue;
  minimum?: number;
  /** An empty string is as good as none. */
  emptyIsNone?: boolean;
  /** Whether a change makes a new random value; true for all but what the resource excepts. */
  replaces?: (old: PropertyValue | undefined, next: PropertyValue | undefined) => boolean;
}

export interface Failure {
  property: string;
  reason: string;
}

/** One resource of the random package: what it takes, and how its value is drawn. */
export interface RandomResource {
  /** `RandomPet` */
  name: string;
  inputs: Record<string, InputSpec>;
  /** Outputs that are no inputs, but for `id`. */
  computed: string[];
  /** Computed outputs that are secret. */
  secrets?: string[];
  /** Version of the state's shape, where the plugin's isn't the first. */
  schemaVersion?: number;
  /** Whether the ID is an output too: true for all but RandomBytes. */
  hasIdOutput?: false;
  /** Rules that one input alone can't tell; unknown inputs are left out of what the program declares. */
  check?(declared: PropertyMap): Failure[];
  /** Inputs that follow from others. */
  derive?(inputs: PropertyMap): PropertyMap;
  /** Draws the value: the resource's ID and its computed outputs. */
  create(inputs: PropertyMap): Drawn | Promise<Drawn>;
  /** Inputs and computed outputs of an existing value, by what `.get` was given; absent where the plugin can't read one either. */
  import?(id: string): (Drawn & { inputs: PropertyMap }) | Promise<Drawn & { inputs: PropertyMap }>;
}

export interface Drawn {
  id: string;
  outputs: PropertyMap;
}

/** Arbitrary values that draw a new value when they change; an empty map, and a null that is new, are as good as none. */
export const keepers: InputSpec = {
  type: "stringMap",
  replaces(old, next) {
    const [before, after] = [old, next].map((it) => (isObject(it) ? it : {})) as [PropertyMap, PropertyMap];
    return (
      Object.keys(before).some((key) => !(key in after)) ||
      Object.entries(after).some(([key, value]) => value !== before[key] && (value !== null || key in before))
    );
  },
};

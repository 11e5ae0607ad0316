import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PLAIN } from "./plain-struct";
import type { PlainStruct } from "./plain-struct";
import type { PropertyMap } from "./property-value";
import type { Sdk } from "./sdk";

/** A message's Struct as properties; nothing as none. */
export function fromStruct(struct: PlainStruct | undefined): PropertyMap {
  return struct?.[PLAIN] ?? ((struct?.toJavaScript() ?? {}) as PropertyMap);
}

/** Properties as a message's Struct. They are written as they are when the message is sent. */
export function toStruct(sdk: Sdk, properties: PropertyMap): Struct {
  const struct: PlainStruct = new sdk.struct.Struct();
  struct[PLAIN] = properties;
  return struct;
}

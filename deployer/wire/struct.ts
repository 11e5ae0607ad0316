import type { Struct, Value } from "google-protobuf/google/protobuf/struct_pb";
import type { PropertyMap, PropertyValue } from "./property-value";
import type { Sdk } from "./sdk";

/** A message's Struct as properties; nothing as none. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  const properties: PropertyMap = {};
  struct?.getFieldsMap().forEach((value, key) => {
    properties[key] = fromValue(value);
  });
  return properties;
}

// The numbers of google.protobuf.Value's fields, which are its kinds.
const NUMBER = 2;
const STRING = 3;
const BOOL = 4;
const STRUCT = 5;
const LIST = 6;

function fromValue(value: Value): PropertyValue {
  switch (value.getKindCase() as number) {
    case NUMBER:
      return value.getNumberValue();
    case STRING:
      return value.getStringValue();
    case BOOL:
      return value.getBoolValue();
    case STRUCT:
      return fromStruct(value.getStructValue());
    case LIST:
      return value.getListValue()!.getValuesList().map(fromValue);
    default:
      return null;
  }
}

export function toStruct(sdk: Sdk, properties: PropertyMap): Struct {
  const struct = new sdk.struct.Struct();
  const fields = struct.getFieldsMap();
  for (const key of Object.keys(properties)) fields.set(key, toValue(sdk, properties[key]!));
  return struct;
}

function toValue(sdk: Sdk, property: PropertyValue): Value {
  const value = new sdk.struct.Value();
  if (property === null || property === undefined) value.setNullValue(0);
  else if (typeof property === "string") value.setStringValue(property);
  else if (typeof property === "number") value.setNumberValue(property);
  else if (typeof property === "boolean") value.setBoolValue(property);
  else if (Array.isArray(property)) {
    const list = new sdk.struct.ListValue();
    list.setValuesList(property.map((item) => toValue(sdk, item)));
    value.setListValue(list);
  } else value.setStructValue(toStruct(sdk, property));
  return value;
}

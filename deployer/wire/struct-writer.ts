import type { PropertyMap, PropertyValue } from "./property-value";
import { BOOL, LIST, NULL, NUMBER, STRING, STRUCT } from "./struct-fields";

/** Of google-protobuf's writer, what writes values. */
export interface Writer {
  writeEnum(field: number, value: number): void;
  writeDouble(field: number, value: number): void;
  writeString(field: number, value: string): void;
  writeBool(field: number, value: boolean): void;
  writeMessage<T>(field: number, value: T, write: (value: T, writer: Writer) => void): void;
}

/** For null, in whose place the writer would write no message at all. */
const NOTHING = Symbol("null");

/** Writes the fields of a Struct. */
export function writeStruct(properties: PropertyMap, writer: Writer): void {
  for (const key of Object.keys(properties)) {
    writer.writeMessage(1, key, () => {
      writer.writeString(1, key);
      writer.writeMessage(2, properties[key] ?? NOTHING, writeValue);
    });
  }
}

function writeValue(value: NonNullable<PropertyValue> | typeof NOTHING, writer: Writer): void {
  if (value === NOTHING) writer.writeEnum(NULL, 0);
  else if (typeof value === "string") writer.writeString(STRING, value);
  else if (typeof value === "number") writer.writeDouble(NUMBER, value);
  else if (typeof value === "boolean") writer.writeBool(BOOL, value);
  else if (Array.isArray(value)) writer.writeMessage(LIST, value, writeList);
  else writer.writeMessage(STRUCT, value, writeStruct);
}

function writeList(items: PropertyValue[], writer: Writer): void {
  for (const item of items) writer.writeMessage(1, item ?? NOTHING, writeValue);
}

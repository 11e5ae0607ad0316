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
const NULL = 1;
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

/**
 * Properties as a message's Struct. Written to the wire as they are: a message object for each value inside is made
 * only for whoever asks for the fields.
 */
export function toStruct(sdk: Sdk, properties: PropertyMap): Struct {
  return new (structOfPlain(sdk))(properties);
}

type PlainStruct = new (properties: PropertyMap) => Struct;
const classes = new WeakMap<Sdk["struct"], PlainStruct>();

function structOfPlain({ struct: messages }: Sdk): PlainStruct {
  const known = classes.get(messages);
  if (known) return known;
  const made = class extends messages.Struct {
    constructor(private readonly plain: PropertyMap) {
      super();
    }

    /** `forWriting`: what google-protobuf's writer of a Struct asks for. */
    override getFieldsMap(forWriting?: boolean): never {
      if (forWriting) return fieldsOf(this.plain) as never;
      const fields = super.getFieldsMap();
      if (fields.getLength() === 0) {
        const values = messages.Struct.deserializeBinary(this.serializeBinary()).getFieldsMap();
        values.forEach((value, key) => fields.set(key, value));
      }
      return fields as never;
    }
  };
  classes.set(messages, made);
  return made;
}

/** Of google-protobuf's writer, what writes values. */
interface Writer {
  writeEnum(field: number, value: number): void;
  writeDouble(field: number, value: number): void;
  writeString(field: number, value: string): void;
  writeBool(field: number, value: boolean): void;
  writeMessage<T>(field: number, value: T, write: (value: T, writer: Writer) => void): void;
}

/** For null, in whose place the writer would write no message at all. */
const NOTHING = Symbol("null");

function fieldsOf(properties: PropertyMap) {
  return {
    getLength: () => Object.keys(properties).length,
    serializeBinary: (_: number, writer: Writer) => writeStruct(properties, writer),
  };
}

function writeStruct(properties: PropertyMap, writer: Writer): void {
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

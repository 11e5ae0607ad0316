import type * as protobuf from "google-protobuf/google/protobuf/struct_pb";
import type { PropertyMap, PropertyValue } from "./property-value";
import { readStruct } from "./struct-reader";
import type { Reader } from "./struct-reader";
import { writeStruct } from "./struct-writer";
import type { Writer } from "./struct-writer";

/** A Struct that holds plain values for as long as nobody asks for a message object for each of them. */
export interface PlainStruct extends protobuf.Struct {
  [PLAIN]?: PropertyMap;
}
export const PLAIN = Symbol("plain values");

/** What of google-protobuf's class of Structs is called by name at each use. */
interface StructClass {
  new (): PlainStruct;
  fromJavaScript(properties: object): PlainStruct;
  serializeBinaryToWriter(struct: PlainStruct, writer: Writer): void;
  deserializeBinaryFromReader(struct: PlainStruct, reader: Reader): PlainStruct;
  prototype: {
    getFieldsMap(this: PlainStruct, forWriting?: boolean): ReturnType<protobuf.Struct["getFieldsMap"]>;
    toJavaScript(this: PlainStruct): object;
  };
}

const done = new WeakSet<object>();

/**
 * Has a process's Structs read and write plain values as they are: google-protobuf makes an object of four arrays and
 * maps for each value, on the way in and on the way out.
 */
export function makeStructsPlain({ Struct }: { Struct: unknown }): void {
  const type = Struct as StructClass;
  if (done.has(type)) return;
  done.add(type);
  const { fromJavaScript, serializeBinaryToWriter } = type;
  const { getFieldsMap, toJavaScript } = type.prototype;

  type.fromJavaScript = (properties) => {
    const struct = new type();
    struct[PLAIN] = copy(properties as PropertyMap) as PropertyMap;
    return struct;
  };
  type.deserializeBinaryFromReader = (struct, reader) => {
    readStruct(reader, (struct[PLAIN] ??= {}));
    return struct;
  };
  type.serializeBinaryToWriter = (struct, writer) => {
    const plain = struct[PLAIN];
    if (plain) writeStruct(plain, writer);
    else serializeBinaryToWriter(struct, writer);
  };
  type.prototype.toJavaScript = function () {
    return this[PLAIN] ? (copy(this[PLAIN]) as object) : toJavaScript.call(this);
  };
  type.prototype.getFieldsMap = function (forWriting) {
    const plain = this[PLAIN];
    if (plain) {
      this[PLAIN] = undefined;
      const made = fromJavaScript(plain).getFieldsMap();
      const fields = getFieldsMap.call(this);
      made.forEach((value, key) => fields.set(key, value));
    }
    return getFieldsMap.call(this, forWriting);
  };
}

/** In google-protobuf's order of keys, and with its words for what no Struct can hold. */
function copy(value: PropertyValue): PropertyValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null)
    return value;
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== "object") throw new Error("Unexpected struct type.");
  const result: PropertyMap = {};
  for (const key of Object.keys(value).sort()) result[key] = copy(value[key]!);
  return result;
}

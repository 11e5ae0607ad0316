import type { PropertyMap, PropertyValue } from "./property-value";
import { BOOL, LIST, NULL, NUMBER, STRING, STRUCT } from "./struct-fields";

/** Of google-protobuf's reader, what reads values. */
export interface Reader {
  nextField(): boolean;
  isEndGroup(): boolean;
  getFieldNumber(): number;
  skipField(): void;
  readEnum(): number;
  readDouble(): number;
  readString(): string;
  readBool(): boolean;
  readMessage<T>(into: T, read: (into: T, reader: Reader) => void): void;
}

interface Entry {
  key: string;
  value: PropertyValue;
}

/** Reads the fields of a Struct into `properties`, in google-protobuf's order: by key. */
export function readStruct(reader: Reader, properties: PropertyMap): void {
  const entries: Entry[] = [];
  let isSorted = true;
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() !== 1) reader.skipField();
    else {
      const entry = { key: "", value: null };
      reader.readMessage(entry, readEntry);
      isSorted &&= entries.length === 0 || entries[entries.length - 1]!.key < entry.key;
      entries.push(entry);
    }
  }
  if (!isSorted) entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const { key, value } of entries) properties[key] = value;
}

function readEntry(entry: Entry, reader: Reader): void {
  while (reader.nextField() && !reader.isEndGroup()) {
    const field = reader.getFieldNumber();
    if (field === 1) entry.key = reader.readString();
    else if (field === 2) reader.readMessage(entry, readValue);
    else reader.skipField();
  }
}

function readValue(into: { value: PropertyValue }, reader: Reader): void {
  while (reader.nextField() && !reader.isEndGroup()) {
    switch (reader.getFieldNumber()) {
      case NULL:
        reader.readEnum();
        into.value = null;
        break;
      case NUMBER:
        into.value = reader.readDouble();
        break;
      case STRING:
        into.value = reader.readString();
        break;
      case BOOL:
        into.value = reader.readBool();
        break;
      case STRUCT: {
        const properties: PropertyMap = {};
        reader.readMessage(properties, (it) => readStruct(reader, it));
        into.value = properties;
        break;
      }
      case LIST: {
        const items: PropertyValue[] = [];
        reader.readMessage(items, readList);
        into.value = items;
        break;
      }
      default:
        reader.skipField();
    }
  }
}

function readList(items: PropertyValue[], reader: Reader): void {
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() !== 1) reader.skipField();
    else {
      const item = { value: null };
      reader.readMessage(item, readValue);
      items.push(item.value);
    }
  }
}

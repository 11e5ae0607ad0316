import { randomBytes, randomUUID } from "node:crypto";
import type { RandomResource } from "./random-resource";
import { keepers } from "./random-resource";

function uuidResource(name: string, draw: () => string): RandomResource {
  const present = (uuid: string) => ({ id: uuid, outputs: { result: uuid } });
  return {
    name,
    inputs: { keepers },
    computed: ["result"],
    create: () => present(draw()),
    import(id) {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new Error(`"${id}" is no UUID`);
      return { ...present(id.toLowerCase()), inputs: {} };
    },
  };
}

/** All 128 bits random: no version stands in it. */
export const randomUuid = uuidResource("RandomUuid", () => format(randomBytes(16)));
export const randomUuid4 = uuidResource("RandomUuid4", randomUUID);
export const randomUuid7 = uuidResource("RandomUuid7", () => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return format(bytes);
});

function format(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

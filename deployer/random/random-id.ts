import { randomBytes } from "node:crypto";
import type { Drawn, RandomResource } from "./random-resource";
import { keepers } from "./random-resource";

export const randomId: RandomResource = {
  name: "RandomId",
  inputs: {
    byteLength: { type: "integer", required: true, minimum: 1 },
    prefix: { type: "string" },
    keepers,
  },
  computed: ["b64Std", "b64Url", "dec", "hex"],
  create: ({ byteLength, prefix = "" }) => present(randomBytes(byteLength as number), prefix as string),
  import(given) {
    const comma = given.lastIndexOf(",");
    const bytes = Buffer.from(given.slice(comma + 1), "base64url");
    if (bytes.toString("base64url") !== given.slice(comma + 1)) throw new Error(`"${given}" isn't base64url`);
    const prefix = given.slice(0, Math.max(comma, 0));
    return {
      ...present(bytes, prefix),
      inputs: { byteLength: bytes.length, ...(prefix && { prefix }) },
    };
  },
};

function present(bytes: Buffer, prefix: string): Drawn {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  return {
    id,
    outputs: {
      b64Url: prefix + id,
      b64Std: prefix + bytes.toString("base64"),
      hex: prefix + hex,
      dec: prefix + BigInt(`0x0${hex}`).toString(),
    },
  };
}

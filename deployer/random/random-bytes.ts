import { randomBytes as draw } from "node:crypto";
import type { Drawn, RandomResource } from "./random-resource";

export const randomBytes: RandomResource = {
  name: "RandomBytes",
  inputs: { length: { type: "integer", required: true, minimum: 1 }, keepers: { type: "stringMap" } },
  computed: ["base64", "hex"],
  secrets: ["base64", "hex"],
  hasIdOutput: false,
  create: ({ length }) => present(draw(length as number)),
  import(id) {
    const bytes = Buffer.from(id, "base64");
    if (bytes.toString("base64") !== id) throw new Error(`"${id}" isn't base64`);
    return { ...present(bytes), inputs: { length: bytes.length } };
  },
};

function present(bytes: Buffer): Drawn {
  const base64 = bytes.toString("base64");
  return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
}

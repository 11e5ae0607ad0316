import { characterInputs, checkCharacters, deriveNumeric, drawCharacters } from "./characters";
import type { RandomResource } from "./random-resource";

export const randomString: RandomResource = {
  name: "RandomString",
  inputs: characterInputs,
  computed: ["result"],
  schemaVersion: 2,
  check: checkCharacters,
  derive: deriveNumeric,
  create(inputs) {
    const result = drawCharacters(inputs);
    return { id: result, outputs: { result } };
  },
  import: (result) => ({ id: result, outputs: { result }, inputs: { length: Buffer.byteLength(result) } }),
};

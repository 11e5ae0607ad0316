import { bcrypt } from "./bcrypt";
import { characterInputs, checkCharacters, deriveNumeric, drawCharacters } from "./characters";
import type { Drawn, RandomResource } from "./random-resource";

export const randomPassword: RandomResource = {
  name: "RandomPassword",
  inputs: characterInputs,
  computed: ["bcryptHash", "result"],
  secrets: ["bcryptHash", "result"],
  schemaVersion: 3,
  check: checkCharacters,
  derive: deriveNumeric,
  create: (inputs) => present(drawCharacters(inputs)),
  import: async (password) => ({
    ...(await present(password)),
    inputs: { length: Buffer.byteLength(password) },
  }),
};

/** The ID tells nothing: IDs are never secret. */
async function present(result: string): Promise<Drawn> {
  return { id: "none", outputs: { result, bcryptHash: await bcrypt(result) } };
}

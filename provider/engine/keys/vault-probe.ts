import { randomBytes } from "node:crypto";
import { Fault } from "../violation";
import { KEY_BYTES } from "./aes-wrapping";
import type { KeyVault } from "./key-vault";
import { contextOf } from "./wrapped-key";

interface KeyVersion {
  id: string;
  version: number;
}

/** Makes a key in a vault, seals and opens by it, and destroys it. Throws the Fault of what can't be done. */
export async function tryMakingKeys(vault: KeyVault): Promise<void> {
  const key = { id: `probe-${randomBytes(6).toString("hex")}`, version: 1 };
  try {
    await vault.generate(key.id, key.version);
    await trySealing(vault, key);
  } catch (error) {
    await vault.destroy(key.id, key.version).catch(() => undefined);
    throw error;
  }
  await vault.destroy(key.id, key.version);
}

/** Seals and opens by a key that stands in a vault, and leaves nothing. Throws the Fault of what can't be done. */
export async function trySealing(vault: KeyVault, { id, version }: KeyVersion): Promise<void> {
  const probe = randomBytes(KEY_BYTES);
  const context = contextOf(id, version);
  const sealed = await vault.wrap(id, version, probe, context);
  if (probe.equals(await vault.unwrap(id, version, sealed, context))) return;
  throw new Fault(`Trying master key ${id}`, { says: "it doesn't open what it has just sealed" });
}

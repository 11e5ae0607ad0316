/**
 * Port: the secret material of master keys, one of 256 bits for each version. It never leaves the vault.
 * Failures are Faults.
 */
export interface KeyVault {
  /** Faults where it can't be got at, as far as that shows without making anything. */
  reach(): Promise<void>;
  /**
   * Makes the material of a version, durably. What stands of it, from a change that was cut off, is taken. `isNew`: the ID
   * was just chosen, and nothing can stand. Several may be asked for at the same time.
   */
  generate(id: string, version: number, options?: { isNew?: boolean }): Promise<void>;
  /** Seals a data key; `context` isn't kept, and authenticated with it. */
  wrap(id: string, version: number, dataKey: Buffer, context: string): Promise<Buffer>;
  /** Opens what `wrap` gave for the same key, version and context; anything else is `altered`. */
  unwrap(id: string, version: number, sealed: Buffer, context: string): Promise<Buffer>;
  /**
   * Refuses to use a key of so many versions until `enable`, where the vault has a way to. Whoever asks looks at the
   * key's state as well: most vaults have none.
   */
  disable(id: string, versions: number): Promise<void>;
  enable(id: string, versions: number): Promise<void>;
  /** Destroys the material of all versions. What is gone already is no fault. */
  destroy(id: string, versions: number): Promise<void>;
  /** Gives back what was opened; the next use opens it again. */
  close(): Promise<void>;
}

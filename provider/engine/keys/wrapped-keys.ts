/** A data key where it stands, wrapped. */
export interface StandingKey {
  /** What it opens: a record, or an object of the bucket. */
  kind: "image" | "instance" | "volume" | "object";
  id: string;
  wrappedKey: string;
}

/** Port: the wrapped data keys of a region, to be wrapped anew after a rotation. Failures are Faults. */
export interface WrappedKeys {
  /** Those that this master key has wrapped, in whatever version; none while it is disabled. */
  wrappedBy(keyId: string): Promise<StandingKey[]>;
  /** Puts another text in the place of what was read. False, and nothing done, where something else stands there by now. */
  replace(standing: StandingKey, rewrapped: string): Promise<boolean>;
}

import { wordsOfPi } from "./pi";

const ROUNDS = 16;
const P_WORDS = ROUNDS + 2;
const S_WORDS = 4 * 256;

let initial: Uint32Array | undefined;

/** Blowfish with the expensive key schedule that bcrypt adds to it. */
export class Blowfish {
  private readonly p: Uint32Array;
  private readonly s: Uint32Array;
  private left = 0;
  private right = 0;

  constructor() {
    initial ??= wordsOfPi(P_WORDS + S_WORDS);
    this.p = initial.slice(0, P_WORDS);
    this.s = initial.slice(P_WORDS);
  }

  /** Mixes a key, and a salt where there is one, into the schedule; both are taken round and round. */
  expand(key: Uint8Array, salt?: Uint8Array): void {
    const { p, s } = this;
    const keyWord = cycle(key);
    for (let i = 0; i < P_WORDS; i++) p[i]! ^= keyWord();
    const saltWord = salt ? cycle(salt) : () => 0;
    this.left = this.right = 0;
    for (const words of [p, s]) {
      for (let i = 0; i < words.length; i += 2) {
        this.left ^= saltWord();
        this.right ^= saltWord();
        this.encipher();
        words[i] = this.left;
        words[i + 1] = this.right;
      }
    }
  }

  /** Enciphers the words two at a time, in place. */
  encrypt(words: Uint32Array): void {
    for (let i = 0; i < words.length; i += 2) {
      this.left = words[i]!;
      this.right = words[i + 1]!;
      this.encipher();
      words[i] = this.left;
      words[i + 1] = this.right;
    }
  }

  private encipher(): void {
    const { p, s } = this;
    let left = this.left ^ p[0]!;
    let right = this.right;
    for (let i = 1; i <= ROUNDS; i++) {
      const f =
        ((s[left >>> 24]! + s[256 + ((left >>> 16) & 255)]!) ^ s[512 + ((left >>> 8) & 255)]!) +
        s[768 + (left & 255)]!;
      const next = right ^ f ^ p[i]!;
      right = left;
      left = next;
    }
    this.left = right ^ p[ROUNDS + 1]!;
    this.right = left;
  }
}

/** Big-endian words of the bytes, for ever from the start again. */
function cycle(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let word = 0;
    for (let i = 0; i < 4; i++) {
      word = (word << 8) | bytes[at]!;
      at = (at + 1) % bytes.length;
    }
    return word;
  };
}

/** `count` 32-bit words of the binary fraction of pi, most significant first: what Blowfish starts from. */
export function wordsOfPi(count: number): Uint32Array {
  const guard = 64n;
  const bits = BigInt(count * 32);
  // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239)
  const one = 1n << (bits + guard);
  const pi = (16n * inverseArctan(5n, one) - 4n * inverseArctan(239n, one)) >> guard;
  const hex = (pi - (3n << bits)).toString(16).padStart(count * 8, "0");
  return Uint32Array.from({ length: count }, (_, i) => parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

/** arctan(1/x), scaled by `one`. */
function inverseArctan(x: bigint, one: bigint): bigint {
  const square = x * x;
  let power = one / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
    power /= square;
    sum += (sign * power) / n;
  }
  return sum;
}

const wide = new Float32Array(1)
const bits = new Uint32Array(wide.buffer)

/** Bits of the nearest number in half precision (IEEE 754 binary16), ties to even. */
export function halfBits(value: number): number {
  wide[0] = value
  const all = bits[0]!
  const sign = (all >>> 16) & 0x8000
  const exponent = ((all >>> 23) & 0xff) - 112
  const fraction = all & 0x7fffff
  if (exponent >= 31) return sign | 0x7c00 | (exponent === 143 && fraction ? 0x200 : 0)
  if (exponent < -10) return sign
  // Subnormal numbers have an explicit leading one; a carry out of the fraction raises the exponent.
  const shift = exponent > 0 ? 13 : 14 - exponent
  const whole = exponent > 0 ? (exponent << 23) | fraction : fraction | 0x800000
  const kept = whole >>> shift
  const rest = whole & ((1 << shift) - 1)
  const middle = 1 << (shift - 1)
  return sign | (kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0))
}

/** The number that half-precision bits represent. */
export function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Rounds numbers to half precision, in place. */
export function toHalfPrecision(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = halfValue(halfBits(values[i]!))
}

/** A value of pgvector's type halfvec in its binary form. */
export function halfvecField(vector: Float32Array): Buffer {
  const out = Buffer.allocUnsafe(4 + 2 * vector.length)
  out.writeUInt16BE(vector.length, 0)
  out.writeUInt16BE(0, 2)
  vector.forEach((value, i) => out.writeUInt16BE(halfBits(value), 4 + 2 * i))
  return out
}

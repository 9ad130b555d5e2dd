/** Pixels as bits, row by row, the first one in the highest bit of the first byte; pixels of a value above 0 are set. */
export function packMask(inside: ArrayLike<number>): Uint8Array {
  const bits = new Uint8Array(Math.ceil(inside.length / 8))
  for (let pixel = 0; pixel < inside.length; pixel++)
    if ((inside[pixel] as number) > 0) setPixel(bits, pixel)
  return bits
}

/** Sets one pixel of a mask. */
export function setPixel(bits: Uint8Array, pixel: number): void {
  bits[pixel >> 3]! |= 0x80 >> (pixel & 7)
}

/** Unpacks the given number of pixels of a mask: 1 for each that is set, 0 for others. */
export function unpackMask(bits: Uint8Array, pixels: number): Uint8Array {
  const inside = new Uint8Array(pixels)
  for (let byte = 0; byte < bits.length; byte++) {
    const eight = bits[byte] as number
    if (eight === 0) continue
    for (let i = 0; i < 8; i++) if (eight & (0x80 >> i)) inside[8 * byte + i] = 1
  }
  return inside
}

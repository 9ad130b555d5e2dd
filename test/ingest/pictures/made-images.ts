import sharp from 'sharp'

const SHAPE = { width: 30, height: 20 }

/** An orange image of 30 x 20 with a dark top left corner, not yet encoded in a format. */
export function orange() {
  const pixels = new Uint8Array(SHAPE.width * SHAPE.height * 3)
  for (let i = 0; i < SHAPE.width * SHAPE.height; i++) {
    const corner = i % SHAPE.width < 15 && i < 10 * SHAPE.width
    pixels.set(corner ? [10, 10, 10] : [255, 128, 0], 3 * i)
  }
  return sharp(pixels, { raw: { ...SHAPE, channels: 3 } })
}

/** A grey ramp of 12 bits in samples of 16. */
export function deepRamp() {
  const samples = Uint16Array.from({ length: SHAPE.width * SHAPE.height }, (_, i) => 1000 + 3 * i)
  return sharp(samples, { raw: { ...SHAPE, channels: 1 } }).toColourspace('grey16')
}

/** Millions of equal pixels in a few kilobytes. */
export function bomb(side: number): Promise<Buffer> {
  const create = { width: side, height: side, channels: 3 as const, background: '#888888' }
  return sharp({ create, limitInputPixels: false })
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toBuffer()
}

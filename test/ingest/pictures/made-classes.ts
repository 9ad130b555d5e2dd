import sharp from 'sharp'
import { random } from '../../../src/core/random.js'

/** Two classes of files of each kind; the same number gives the same file. */
export const madeClasses = {
  /** Pink or green images with spots. */
  colour: (label: number, number: number) =>
    spotted(label ? [70, 170, 90] : [200, 110, 160], number),
  /** Lines that lie close together or far apart. */
  grey: (label: number, number: number) => lined(label ? 3 : 9, number),
  /** Bushes that fork four times, or trees that fork twice. */
  neuron: (label: number, number: number) => Promise.resolve(forking(label ? 4 : 2, number)),
} as const

const SIDE = 32

function spotted(colour: readonly [number, number, number], number: number): Promise<Buffer> {
  const drawn = random(100 + number)
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const light = (i % 3 === 0 ? drawn.integer(0, 40) : 20) - 20
    return colour[i % 3]! + light + (number % 7)
  })
  const raw = { width: SIDE, height: SIDE, channels: 3 as const }
  return sharp(pixels, { raw }).jpeg({ quality: 95 }).toBuffer()
}

function lined(period: number, number: number): Promise<Buffer> {
  const drawn = random(200 + number)
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const wave = Math.sin((2 * Math.PI * ((i % SIDE) + number)) / period)
    return Math.round(120 + 80 * wave + drawn.integer(0, 20))
  })
  const raw = { width: SIDE, height: SIDE, channels: 1 as const }
  return sharp(pixels, { raw }).toColourspace('b-w').png().toBuffer()
}

/** SWC of a neuron whose branches fork the given number of times. */
export function forking(times: number, number: number): Buffer {
  const drawn = random(300 + number)
  const lines = ['1 1 0 0 0 5 -1']
  const grow = (parent: number, at: readonly [number, number, number], left: number) => {
    const end = at.map((value) => value + drawn.integer(5, 30)) as [number, number, number]
    lines.push(`${lines.length + 1} 3 ${end.join(' ')} 1 ${parent}`)
    const own = lines.length
    if (left > 0) for (let fork = 0; fork < 2; fork++) grow(own, end, left - 1)
  }
  grow(1, [0, 0, 0], times)
  return Buffer.from(lines.join('\n'))
}

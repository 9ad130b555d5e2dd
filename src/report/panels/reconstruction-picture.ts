import { Buffer } from 'node:buffer'
import * as Plot from '@observablehq/plot'
import { encode } from 'fast-png'

/** Mapping from the numbers of a frame to colours. */
export interface Colours {
  readonly scheme: 'greys' | 'viridis' | 'puor'
  /** Values at the ends of the scale. */
  readonly low: number
  readonly high: number
}

/** A frame as a PNG in a data URI. */
export function frameDataUri(
  frame: ArrayLike<number>,
  size: number,
  { scheme, low, high }: Colours,
): string {
  const data = new Uint8Array(3 * size * size)
  const table = colourTable(scheme)
  for (let i = 0; i < size * size; i++) {
    const share = Math.min(1, Math.max(0, ((frame[i] as number) - low) / (high - low)))
    data.set(table[Math.round(255 * share)] as number[], 3 * i)
  }
  const png = encode(
    { width: size, height: size, data, depth: 8, channels: 3 },
    { zlib: { level: 9 } },
  )
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

/** Colours of a scale in CSS notation, for the legend of a picture. */
export function colourStops(scheme: Colours['scheme'], count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const [red, green, blue] = colourTable(scheme)[Math.round((255 * i) / (count - 1))] as number[]
    return `rgb(${red},${green},${blue})`
  })
}

const tables = new Map<Colours['scheme'], number[][]>()

function colourTable(scheme: Colours['scheme']): number[][] {
  const known = tables.get(scheme)
  if (known) return known
  const table = Array.from({ length: 256 }, (_, i) => {
    // From black to white; the greys of the colour library begin with white and end before black.
    if (scheme === 'greys') return [i, i, i]
    return parsed(scales[scheme].apply(i / 255) as string)
  })
  tables.set(scheme, table)
  return table
}

const scales = {
  viridis: Plot.scale({ color: { type: 'linear', scheme: 'viridis', domain: [0, 1] } }),
  puor: Plot.scale({ color: { type: 'linear', scheme: 'puor', domain: [0, 1] } }),
}

function parsed(colour: string): number[] {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)
  if (hex) return hex.slice(1).map((digits) => parseInt(digits, 16))
  return [...colour.matchAll(/\d+(?:\.\d+)?/g)]
    .slice(0, 3)
    .map(([number]) => Math.round(Number(number)))
}

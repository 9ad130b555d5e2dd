import type { Raster } from '../../core/picture.js'

interface Samples {
  readonly depth: 'uchar' | 'ushort' | 'float'
  /** Samples per pixel; those after grey or blue are ignored. */
  readonly channels: number
  readonly grey: boolean
}

/**
 * Converts samples of any depth to 8 bits. Grey samples with more bits are stretched from the smallest to the largest
 * value, because a 12-bit scanner only uses a sixteenth of the 16-bit range. 16-bit colours keep their scale.
 */
export function stretchSamples(
  data: Buffer,
  { depth, channels, grey }: Samples,
): Pick<Raster, 'channels' | 'pixels'> & { readonly range: readonly [number, number] | null } {
  const kept = grey || channels < 3 ? 1 : 3
  const samples = samplesOf(data, depth)
  const count = samples.length / channels
  const picked = new Float64Array(count * kept)
  for (let i = 0; i < count; i++)
    for (let c = 0; c < kept; c++) picked[i * kept + c] = samples[i * channels + c]!
  if (depth === 'uchar') return { channels: kept, pixels: Uint8Array.from(picked), range: null }
  if (depth === 'ushort' && kept === 3)
    return {
      channels: kept,
      pixels: Uint8Array.from(picked, (v) => Math.round(v / 257)),
      range: null,
    }
  const finite = picked.filter(Number.isFinite)
  const least = finite.reduce((a, b) => Math.min(a, b), Infinity)
  const greatest = finite.reduce((a, b) => Math.max(a, b), -Infinity)
  const scale = greatest > least ? 255 / (greatest - least) : 0
  const pixels = Uint8Array.from(picked, (value) =>
    Number.isFinite(value) ? Math.round((value - least) * scale) : 0,
  )
  return { channels: kept, pixels, range: finite.length > 0 ? [least, greatest] : null }
}

function samplesOf(data: Buffer, depth: Samples['depth']): Uint8Array | Uint16Array | Float32Array {
  if (depth === 'uchar') return data
  const copy = new Uint8Array(data).buffer
  return depth === 'ushort' ? new Uint16Array(copy) : new Float32Array(copy)
}

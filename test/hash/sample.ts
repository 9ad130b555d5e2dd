import { bitCode, type BitCode } from '../../src/core/code.js'
import { bulkEncoder } from '../../src/hash/bulk-encode.js'
import type { HashFamily } from '../../src/hash/family.js'
import { random } from '../../src/core/random.js'

export interface SampleOptions {
  dims: number
  rows: number
  seed: number
}

/** Vectors in ten clusters away from the origin, so that neighbours are near and others far. */
export function clumps({ dims, rows, seed }: SampleOptions): Float32Array[] {
  const source = random(seed)
  const normals = (scale: number) =>
    Float32Array.from({ length: dims }, () => scale * source.normal())
  const middles = Array.from({ length: 10 }, () => normals(3).map((value) => value + 1))
  return Array.from({ length: rows }, (_, row) => {
    const middle = middles[row % 10] as Float32Array
    return normals(1).map((value, d) => value + (middle[d] as number))
  })
}

/** Vectors concatenated into one array, as `encodeAll` takes them. */
export function endToEnd(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from(vectors.flatMap((vector) => [...vector]))
}

/** The error that a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** Codes, buckets, norms and scales of concatenated vectors. */
export function encodeAll(family: HashFamily, vectors: Float32Array) {
  const { codes, ...rest } = bulkEncoder(family)(vectors)
  const width = Math.ceil(family.bits / 8)
  return {
    ...rest,
    codes: Array.from({ length: codes.length / width }, (_, row): BitCode => {
      return bitCode(family.bits, codes.slice(row * width, (row + 1) * width))
    }),
  }
}

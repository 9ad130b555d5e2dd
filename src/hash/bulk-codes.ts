import type { HashFamily } from './family.js'
import type { CodeDirections } from './code-directions.js'
import { scalarEncoder } from './scalar.js'
import { fastSigns } from './fast-signs.js'
import { multiply } from './multiply.js'
import { KINDS } from './kinds.js'

/** Codes of many vectors, with the `norms` and `scales` of `HashedRows` for kinds that estimate distances. */
export interface Codes {
  readonly codes: Uint8Array
  readonly norms: Float32Array | null
  readonly scales: Float32Array | null
}

/** Vectors that are projected at once, so that their products stay in the processor's cache. */
const BLOCK = 256

/**
 * Returns a function that encodes concatenated vectors (less the center or the centre of their cell), given their
 * lengths and buckets.
 */
export function codeEncoder(
  family: HashFamily,
): (vectors: Float32Array, norms: Float32Array, buckets: Int32Array) => Codes {
  if (family.kind === 'scalar' && family.bucket.kind === 'voronoi') {
    const encode = scalarEncoder(family.code, family.bucket, family.dims)
    return (vectors, norms, buckets) => ({
      ...encode(vectors, norms, buckets),
      scales: new Float32Array(norms.length).fill(1),
    })
  }
  const fast = fastSigns(family)
  if (!fast) return (vectors, norms) => encodeByProducts(family, vectors, norms)
  return (vectors, norms) => {
    const { codes, sizes } = fast.encode(vectors)
    return { codes, norms, scales: sizes.map((size, row) => scaleOf(norms[row]! ** 2, size)) }
  }
}

/**
 * Codes of concatenated vectors by directions alone: `ceil(bits / 8)` bytes each. The vectors are already less the
 * center.
 */
export function codesBy(code: CodeDirections, dims: number, vectors: Float32Array): Uint8Array {
  const bits = code.threshold.length
  const width = Math.ceil(bits / 8)
  const codes = new Uint8Array((vectors.length / dims) * width)
  for (let from = 0; from < vectors.length / dims; from += BLOCK) {
    const part = vectors.subarray(from * dims, (from + BLOCK) * dims)
    setBits(codes.subarray(from * width), multiply(part, code.weight, dims), { bits, code })
  }
  return codes
}

function encodeByProducts(family: HashFamily, vectors: Float32Array, norms: Float32Array): Codes {
  const { kind, dims, bits, code } = family
  const width = Math.ceil(bits / 8)
  const rows = norms.length
  const codes = new Uint8Array(rows * width)
  const scales = KINDS[kind].estimates ? new Float32Array(rows) : null
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(rows, from + BLOCK)
    const products = multiply(vectors.subarray(from * dims, to * dims), code.weight, dims)
    setBits(codes.subarray(from * width), products, family)
    if (scales) setScales(scales.subarray(from, to), products, family, norms.subarray(from))
  }
  return { codes, norms: scales && norms, scales }
}

/**
 * The scale with which `<x, y>` is about `scale * Σ ±<w_i, y>` (Gao and Long, SIGMOD 2024), from `|x|²` and `Σ |<w_i,
 * x>|`.
 */
function scaleOf(squares: number, sizes: number): number {
  return sizes === 0 ? 0 : squares / sizes
}

/**
 * A bit is 1 where `cos(<w, x> + b) + t > 0`, that is, where the angle is within `acos(-t)` of a full turn. The bit is
 * then the sign of a difference, which avoids branches: half of all bits are set at random, so a branch would be
 * mispredicted every other time and double the run time.
 */
function setBits(
  codes: Uint8Array,
  products: Float32Array,
  { bits, code }: Pick<HashFamily, 'bits' | 'code'>,
): void {
  const { phase, threshold } = code
  const width = Math.ceil(bits / 8)
  const turns = phase && Float64Array.from(phase, (angle) => angle / (2 * Math.PI))
  const reach = phase && Float64Array.from(threshold, (t) => Math.acos(-t) / (2 * Math.PI))
  const rest = new Float32Array(8 * width)
  const signs = new Uint32Array(rest.buffer)
  for (let row = 0, at = 0; at < products.length; row++) {
    if (turns && reach) {
      for (let bit = 0; bit < bits; bit++, at++) {
        const turn = products[at]! / (2 * Math.PI) + turns[bit]!
        rest[bit] = Math.abs(turn - Math.floor(turn + 0.5)) - reach[bit]!
      }
    } else {
      // Not the negative of the sum, which is -0 if the sum is 0.
      for (let bit = 0; bit < bits; bit++, at++) rest[bit] = 0 - (products[at]! + threshold[bit]!)
    }
    for (let byte = 0, bit = 0, to = row * width; byte < width; byte++) {
      let value = 0
      for (const end = bit + 8; bit < end; bit++) value = (value << 1) | (signs[bit]! >>> 31)
      codes[to + byte] = value
    }
  }
}

function setScales(
  scales: Float32Array,
  products: Float32Array,
  { kind, bits }: HashFamily,
  norms: Float32Array,
): void {
  for (let row = 0, at = 0; row < scales.length; row++) {
    let [sizes, squares] = [0, 0]
    for (const end = at + bits; at < end; at++) {
      const product = products[at]!
      sizes += Math.abs(product)
      squares += product * product
    }
    scales[row] = scaleOf(kind === 'itq' ? squares : norms[row]! ** 2, sizes)
  }
}

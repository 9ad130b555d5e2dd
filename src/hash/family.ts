import { createHash } from 'node:crypto'
import type { CodeDirections } from './code-directions.js'
import type { FamilyKind } from './kinds.js'

/**
 * Buckets by the levels of directions: each direction has `levels - 1` slices, and its level is the number of slices
 * with `<w, x - center> + threshold > 0`. The level of direction j is the j-th digit of the bucket, the first the
 * lowest.
 */
export interface BucketDirections {
  readonly kind: 'bits' | 'qary'
  /** One direction after the other, as many as there are thresholds. */
  readonly weight: Float32Array
  readonly threshold: Float64Array
}

/** Learned centres in groups. */
export interface Cells {
  readonly kind: 'voronoi'
  /** Centres less the center of the family, concatenated, sorted by group. */
  readonly weight: Float32Array
  /** Group of each cell, ascending. */
  readonly parent: Int32Array
  /** Centres of the groups less the center of the family. */
  readonly groups: Float32Array
}

/** Buckets by the nearest learned centre. */
export interface BucketCells extends Cells {
  /**
   * Inner products of each cell's centre with the code directions, `bits` per cell; kind residual only. A search
   * subtracts them from the products of its query.
   */
  readonly images: Float32Array | null
}

/** A hash family, as `lsh.family` and `lsh.projection` store it. It is immutable. */
export interface HashFamily {
  readonly name: string
  readonly kind: FamilyKind
  readonly dims: number
  readonly bits: number
  /** q of the quantiser of a qary family, 2 for all others. */
  readonly levels: number
  readonly seed: number
  /**
   * gamma of the kernel `exp(-gamma |x - y|² / 2)`; for qary, 1 / width² of a level; null for kinds that estimate
   * distances.
   */
  readonly bandwidth: number | null
  /** Version of the rule that turns these parameters into codes and buckets: `FAMILY_VERSION`. */
  readonly version: number
  /** sha256 in hex, as `familyChecksum` computes it. */
  readonly checksum: string
  /** Subtracted before the projection. */
  readonly center: Float32Array
  readonly code: CodeDirections
  readonly bucket: BucketDirections | BucketCells
}

/**
 * sha256 in hex over everything that decides a code or a bucket, to the last digit: `lsh.family_checksum`.
 *
 * A family that is copied elsewhere keeps its checksum, on either engine. A family that is drawn again from the same
 * rows and the same seed keeps it only if the same code draws it. `createFamily` and `pg-lsh family create` compute in
 * the client, so their result is the same on either engine; `lsh.create_family` computes in the database. Between the
 * two, the last digit may differ of the center, the bandwidth, the directions that it scales, and the directions and
 * thresholds of buckets: the compiler of pgvector decides the order in which 4-byte numbers are summed, the C library
 * how `ln` and `cos` are rounded. Codes then differ only in bits whose margin is that small.
 */
export function familyChecksum(family: Omit<HashFamily, 'checksum'>): string {
  const { kind, dims, bits, levels, version, bandwidth, center, bucket } = family
  const hash = createHash('sha256')
    .update(`${kind}|${dims}|${bits}|${levels}|${version}|${bucket.kind}|`)
    .update(sentFloats(bandwidth ?? 0))
    .update(sentVector(center))
  for (const { weight, phase, threshold, parent } of projectionsOf(family)) {
    hash
      .update(sentVector(weight))
      .update(sentFloats(phase ?? 0, threshold))
      .update(sentInt(parent ?? -1))
  }
  return hash.digest('hex')
}

/** A row of `lsh.projection`. */
export interface Projection {
  readonly purpose: 'code' | 'bucket' | 'group' | 'image'
  readonly ordinal: number
  readonly parent: number | null
  readonly weight: Float32Array
  readonly phase: number | null
  readonly threshold: number
}

/** The rows of `lsh.projection` for a family, in the order of its checksum. */
export function projectionsOf({
  dims,
  bits,
  code,
  bucket,
}: Pick<HashFamily, 'dims' | 'bits' | 'code' | 'bucket'>): Projection[] {
  const rows = (
    purpose: Projection['purpose'],
    weights: Float32Array,
    rest: (ordinal: number) => Partial<Projection> = () => ({}),
    length = dims,
  ): Projection[] =>
    Array.from({ length: Math.floor(weights.length / length) }, (_, ordinal) => ({
      purpose,
      ordinal,
      parent: null,
      weight: weights.subarray(ordinal * length, (ordinal + 1) * length),
      phase: null,
      threshold: 0,
      ...rest(ordinal),
    }))
  const codes = rows('code', code.weight, (i) => ({
    phase: code.phase?.[i] ?? null,
    threshold: code.threshold[i] as number,
    parent: code.top?.[i] ?? null,
  }))
  if (bucket.kind !== 'voronoi') {
    const threshold = (i: number) => ({ threshold: bucket.threshold[i] as number })
    return [...codes, ...rows('bucket', bucket.weight, threshold)]
  }
  return [
    ...codes,
    ...rows('bucket', bucket.weight, (i) => ({ parent: bucket.parent[i] as number })),
    ...rows('group', bucket.groups),
    ...(bucket.images ? rows('image', bucket.images, undefined, bits) : []),
  ]
}

/** Number of buckets of a family. */
export function bucketCount({ dims, levels, bucket }: HashFamily): number {
  return bucket.kind === 'voronoi'
    ? bucket.parent.length
    : levels ** (bucket.weight.length / dims / (levels - 1))
}

/** As PostgreSQL's `float8send` writes them. */
function sentFloats(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, i) => bytes.writeDoubleBE(value, 8 * i))
  return bytes
}

/** As PostgreSQL's `int4send` writes it. */
function sentInt(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** As pgvector's `vector_send` writes it: dimension and a reserved 0 in two bytes each, then the elements. */
function sentVector(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + 4 * vector.length)
  bytes.writeInt16BE(vector.length, 0)
  vector.forEach((value, i) => bytes.writeFloatBE(value, 4 + 4 * i))
  return bytes
}

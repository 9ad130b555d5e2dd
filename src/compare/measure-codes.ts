import { endToEnd } from '../core/vector.js'
import { bulkEncoder } from '../hash/bulk-encode.js'
import { bucketCount } from '../hash/family.js'
import { fitFamily } from '../hash/fit.js'
import { codeHealth } from './code-health.js'
import type { EvaluationSettings, SpaceEvaluation } from './evaluation.js'
import { choosePairs, hammingCurve } from './hamming-curve.js'
import { measuredAsItIs, type MeasuredFamily } from './measured-family.js'
import { CURVE_BITS } from './space-agreement.js'

/** Hamming curves and code health, on a sample. */
export function measureCodes(
  families: readonly MeasuredFamily[],
  sample: readonly Float32Array[],
  { settings, seed }: { settings: EvaluationSettings; seed: number },
): Pick<SpaceEvaluation, 'curves' | 'health'> {
  const pairs = choosePairs(sample, seed)
  const vectors = endToEnd(sample)
  const short = Math.min(CURVE_BITS, Math.max(...settings.bits))
  const raw = fitFamily(sample, {
    name: 'gamma 1',
    kind: 'kernel',
    bits: short,
    seed,
    bandwidth: 1,
    bucketBits: 0,
  })
  const measured = [...new Set(families.map(({ kind }) => kind))].map((kind) => {
    const own = families.filter((one) => one.kind === kind)
    return { first: atLength(own, short), last: atLength(own, Infinity) }
  })
  const curve = ({ family, bits }: AtLength) => hammingCurve(family, vectors, pairs, { bits })
  return {
    curves: [
      ...measured.flatMap(({ first, last }) =>
        first.bits === last.bits ? [curve(first)] : [curve(first), curve(last)],
      ),
      hammingCurve(measuredAsItIs(raw), vectors, pairs, {
        bits: short,
        setting: 'gamma-1',
      }),
    ],
    health: measured.map(({ first }) => codeHealth(first.family, vectors, first.bits)),
  }
}

interface AtLength {
  readonly family: MeasuredFamily
  readonly bits: number
}

/** Of the families of one kind, the longest code of at most so many bits; if all are longer, the shortest. */
function atLength(families: readonly MeasuredFamily[], most: number): AtLength {
  const all = families
    .flatMap((family) => family.lengths.map((bits) => ({ family, bits })))
    .sort((a, b) => a.bits - b.bits)
  return (all.findLast(({ bits }) => bits <= most) ?? all[0]) as AtLength
}

/** Counts slices per bucket for both kinds of buckets, as an index of this many rows would have them. */
export function bucketCounters(sample: readonly Float32Array[], seed: number) {
  return (['directions', 'voronoi'] as const).map((name) => {
    const family = fitFamily(sample, {
      name,
      kind: 'sign',
      bits: 16,
      seed,
      buckets: name,
    })
    const encode = bulkEncoder(family)
    const counts = new Int32Array(bucketCount(family))
    const count = (vectors: Float32Array) => {
      for (const bucket of encode(vectors).buckets) counts[bucket]!++
    }
    return { name, counts, count }
  })
}

import { LshError } from '../../core/errors.js'
import { bulkEncoder, type BulkEncoder, type HashedRows } from '../../hash/bulk-encode.js'
import { bucketCount, type HashFamily } from '../../hash/family.js'
import type { VectorBlock } from '../../ingest/vectors/vector-block.js'
import { KINDS } from '../../hash/kinds.js'

/** Number of vectors per block that are hashed to check that its codes belong to the family. */
const SAMPLE = 16
/** Share of bits in which a code may differ from the computed one; one of another family differs in a third or more. */
const TOLERANCE = 0.02

/**
 * Returns a function that takes the codes of a family from the blocks of a file. It checks their form, and compares a
 * sample of them with computed codes.
 *
 * The function throws LshError `LSH02` for codes that do not belong to the family.
 */
export function readyCodes(family: HashFamily): (block: VectorBlock) => HashedRows {
  const encode = bulkEncoder(family)
  return (block) => {
    const { codes } = block
    const refuse = (problem: string): never => {
      throw new LshError(
        'LSH02',
        `the codes of the file do not belong to hash family "${family.name}": ${problem}`,
        {
          hint: 'Load with "--codes ignore": pg-lsh then computes the codes itself.',
        },
      )
    }
    if (!codes) return refuse('some rows have no code')
    // A file of whole bytes may not say how many bits of the last byte are used.
    const padded = 8 * Math.ceil(family.bits / 8)
    if (codes.bits !== family.bits && codes.bits !== padded)
      return refuse(`they have ${codes.bits} bits, not ${family.bits}`)
    if (KINDS[family.kind].estimates && !(codes.norms && codes.scales))
      return refuse(`kind ${family.kind} needs norms and scales, which are missing`)
    const count = bucketCount(family)
    const invalid = codes.buckets.find((bucket) => bucket < 0 || bucket >= count)
    if (invalid !== undefined) return refuse(`bucket ${invalid} is not between 0 and ${count - 1}`)
    const { moved, differing, sampled } = compareSample(encode, family, block, codes)
    // A vector on the border between two buckets may be in either.
    if (moved > 1 + sampled / 8) refuse(`${moved} of ${sampled} sampled rows have another bucket`)
    if (differing > TOLERANCE)
      refuse(`${Math.round(100 * differing)} % of the bits of ${sampled} sampled rows differ`)
    return KINDS[family.kind].estimates ? codes : { ...codes, norms: null, scales: null }
  }
}

/** Compares codes with computed ones for a sample of rows: number in another bucket, and share of bits that differ. */
function compareSample(
  encode: BulkEncoder,
  { dims, bits }: HashFamily,
  { keys, vectors }: VectorBlock,
  codes: HashedRows,
): { moved: number; differing: number; sampled: number } {
  const rows = Array.from({ length: Math.min(SAMPLE, keys.length) }, (_, i) =>
    Math.floor((i * keys.length) / SAMPLE),
  ).filter((row, i, all) => all.indexOf(row) === i)
  const sample = new Float32Array(rows.length * dims)
  rows.forEach((row, i) => sample.set(vectors.subarray(row * dims, (row + 1) * dims), i * dims))
  const computed = encode(sample)
  const width = Math.ceil(bits / 8)
  let [differingBits, moved] = [0, 0]
  rows.forEach((row, i) => {
    if (computed.buckets[i] !== codes.buckets[row]) moved++
    for (let byte = 0; byte < width; byte++) {
      let difference = computed.codes[i * width + byte]! ^ codes.codes[row * width + byte]!
      for (; difference > 0; difference &= difference - 1) differingBits++
    }
  })
  return { moved, differing: differingBits / (rows.length * bits), sampled: rows.length }
}

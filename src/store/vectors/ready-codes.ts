import { LshError } from '../../core/errors.js'
import { bulkEncoder, type BulkEncoder, type HashedRows } from '../../hash/bulk-encode.js'
import { bucketCount, type HashFamily } from '../../hash/family.js'
import type { VectorBlock } from '../../ingest/vectors/vector-block.js'
import { KINDS } from '../../hash/kinds.js'

/** Vectors of a block that are hashed here to see that its codes are of the family. */
const SAMPLE = 16
/** Share of bits in which a code may differ from ours; one of another family differs in a third or more. */
const TOLERANCE = 0.02

/** Makes what takes the codes that a file brings as those of a family, after a look at a sample. */
export function codeTaker(family: HashFamily): (block: VectorBlock) => HashedRows {
  const encode = bulkEncoder(family)
  return (block) => {
    const { codes } = block
    const refuse = (problem: string): never => {
      throw new LshError(
        'LSH02',
        `the codes of the file are not of family "${family.name}": ${problem}`,
        {
          hint: 'Load without them, and pg-lsh computes the codes: --codes ignore.',
        },
      )
    }
    if (!codes) return refuse('some rows have none')
    // Whole bytes do not tell how many bits of the last one count.
    const whole = 8 * Math.ceil(family.bits / 8)
    if (codes.bits !== family.bits && codes.bits !== whole)
      return refuse(`${codes.bits} bits, not ${family.bits}`)
    if (KINDS[family.kind].estimates && !(codes.norms && codes.scales))
      return refuse(`norm and scale are missing, which kind ${family.kind} needs`)
    const count = bucketCount(family)
    const astray = codes.buckets.find((bucket) => bucket < 0 || bucket >= count)
    if (astray !== undefined) return refuse(`bucket ${astray} is not one of its ${count} buckets`)
    const differing = differingBits(encode, family, block, codes)
    if (differing > TOLERANCE) refuse(`${Math.round(100 * differing)} % of the bits differ`)
    return KINDS[family.kind].estimates ? codes : { ...codes, norms: null, scales: null }
  }
}

/** Share of bits of a sample in which codes differ from ours; 1 where buckets do. */
function differingBits(
  encode: BulkEncoder,
  { dims, bits }: HashFamily,
  { keys, vectors }: VectorBlock,
  codes: HashedRows,
): number {
  const rows = Array.from({ length: Math.min(SAMPLE, keys.length) }, (_, i) =>
    Math.floor((i * keys.length) / SAMPLE),
  ).filter((row, i, all) => all.indexOf(row) === i)
  const sample = new Float32Array(rows.length * dims)
  rows.forEach((row, i) => sample.set(vectors.subarray(row * dims, (row + 1) * dims), i * dims))
  const ours = encode(sample)
  const width = Math.ceil(bits / 8)
  let [differing, moved] = [0, 0]
  rows.forEach((row, i) => {
    if (ours.buckets[i] !== codes.buckets[row]) moved++
    for (let byte = 0; byte < width; byte++) {
      let rest = ours.codes[i * width + byte]! ^ codes.codes[row * width + byte]!
      for (; rest > 0; rest &= rest - 1) differing++
    }
  })
  // A vector on the border of two buckets may be put into either.
  return moved > 1 + rows.length / 8 ? 1 : differing / (rows.length * bits)
}

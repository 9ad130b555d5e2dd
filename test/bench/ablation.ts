/*
 * Effect of parts of a cosine family, alone and combined: Dice of the ten nearest rows by Hamming distance, and ranked
 * by margins.
 *
 *   npx tsx test/bench/ablation.ts SPACE [bits,bits] [mixed]     in the database of DATABASE_URL
 *
 * "mixed" divides the vectors of every second patient by four, so that neighbours have two scales.
 */
import { permutation, random } from '../../src/core/random.js'
import { endToEnd } from '../../src/core/vector.js'
import { agreementAt } from '../../src/compare/agreement.js'
import type { KeyedRows } from '../../src/compare/block-distances.js'
import { measuredAsItIs } from '../../src/compare/measured-family.js'
import { neighbourFinder } from '../../src/compare/neighbours.js'
import { rankedFinder } from '../../src/compare/ranked-neighbours.js'
import { calibrate } from '../../src/hash/calibrate.js'
import { fitFamily, meanOf } from '../../src/hash/fit.js'
import { trainDirections } from '../../src/hash/train-family.js'
import { columnOf, describeTable, readOwnedSample } from '../../src/store/codes/vector-sample.js'
import { openStore } from '../../src/store/connection/connect.js'
import { directionsBy, PARTS, type Part } from './ablation-parts.js'

const [space = 'pca128', lengths = '128,512', mixed] = process.argv.slice(2)
const { DATABASE_URL = '.pg-lsh' } = process.env
const SEEDS = [1, 2, 3]
const ROWS = 6000
const QUERIES = 300
const SAMPLE = 2500

const store = await openStore(DATABASE_URL)
const source = { space }
const table = await describeTable(store, columnOf(source))
const { vectors: stored, owners } = await readOwnedSample(store, source, table, {
  seed: 1,
  wanted: ROWS,
})
await store.close()
const whose = owners ?? Int32Array.from(stored, (_, row) => row)
const vectors = stored.map((vector, row) =>
  mixed && whose[row]! % 2 === 0 ? vector.map((value) => value / 4) : vector,
)

/** Combinations of parts; training is measured after them. */
const VARIANTS: readonly (readonly Part[])[] = [
  [],
  ...PARTS.map((part) => [part]),
  PARTS.filter((part) => !['rotated to whiten', 'quasi-random', 'local bandwidths'].includes(part)),
  ['orthogonal', 'balanced thresholds'],
  PARTS,
]

for (const bits of lengths.split(',').map(Number)) {
  for (const parts of VARIANTS)
    tell(bits, parts.join(' + ') || 'independent', (data) => directionsBy(parts, data))
  tell(
    bits,
    'rotated principal axes, even phases (rank, no steps)',
    ({ sample, seed, bits: length }) =>
      trainDirections(sample, { method: 'rank', bits: length, seed, steps: 0 }).code,
  )
}

type Draw = (data: Parameters<typeof directionsBy>[1]) => ReturnType<typeof directionsBy>

function tell(bits: number, name: string, draw: Draw): void {
  const all = SEEDS.map((seed) => measured(bits, draw, seed))
  const figures = [0, 1].map((i) => {
    const values = all.map((one) => one[i]!)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const spread = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
    )
    return `${mean.toFixed(3)} ± ${spread.toFixed(3)}`
  })
  console.log(`| ${name} | ${bits} | ${figures.join(' | ')} |`)
}

function measured(bits: number, draw: Draw, seed: number): number[] {
  const names = [...new Set(whose)]
  const asking = new Set(
    Array.from(
      permutation(names.length, random(seed)).subarray(0, Math.ceil(names.length / 6)),
      (i) => names[i]!,
    ),
  )
  const order = permutation(vectors.length, random(seed + 100))
  const asked = order.filter((row) => asking.has(whose[row]!)).subarray(0, QUERIES)
  const sample = Array.from(
    order.filter((row) => !asking.has(whose[row]!)).subarray(0, SAMPLE),
    (row) => vectors[row]!,
  )
  const bandwidth = calibrate(sample.slice(0, 2000), 50, 'cosine').bandwidth ?? 1
  const code = draw({ sample, center: meanOf(sample), bits, seed, bandwidth })
  const family = measuredAsItIs(
    fitFamily(sample, { name: 'part', kind: 'cosine', bits, seed, bandwidth, code, bucketBits: 0 }),
  )
  const queries = keyed(asked)
  const rows = keyed(Int32Array.from(vectors.keys()))
  const plain = neighbourFinder(queries, { k: 10, families: [family] })
  plain.visit(rows)
  const ranked = rankedFinder(queries, { k: 10, families: [family] })
  ranked.visit(rows)
  const exact = plain.found.exact.others
  return [plain.found.coded[0]!.lists.others, ranked.found[0]!.lists].map((lists) => {
    const { dice } = agreementAt(exact, lists, 10)
    return dice.reduce((sum, one) => sum + one, 0) / dice.length
  })
}

function keyed(rows: Int32Array): KeyedRows {
  return {
    items: rows,
    patients: Int32Array.from(rows, (row) => whose[row]!),
    vectors: endToEnd(Array.from(rows, (row) => vectors[row]!)),
  }
}

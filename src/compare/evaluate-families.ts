import { LshError } from '../core/errors.js'
import { permutation, random } from '../core/random.js'
import { endToEnd } from '../core/vector.js'
import type { Store } from '../store/connection/connect.js'
import { encodersSeen } from '../store/spaces/encoders.js'
import { readSpace } from '../store/spaces/read-space.js'
import {
  columnOf,
  describeTable,
  readOwnedSample,
  type Sample,
  type VectorSource,
} from '../store/codes/vector-sample.js'
import type { KeyedRows } from './block-distances.js'
import {
  measureFamilies,
  type DiceByKind,
  type FamilyData,
  type MeasureFamiliesOptions,
} from './measure-families.js'

export interface EvaluateFamiliesOptions extends Omit<MeasureFamiliesOptions, 'seed' | 'k'> {
  seeds: readonly number[]
  /** Most rows that are queries. */
  queries: number
  /** Most rows that families are fitted to. */
  sample: number
  /** Most rows that are searched. */
  rows: number
}

/** Share of the ten nearest rows of other patients that codes of all kinds and lengths find: means over the seeds. */
export interface FamiliesEvaluation {
  /** Table whose vectors were hashed. */
  readonly relation: string
  readonly dims: number
  readonly rows: number
  /** Number of patients; null if rows belong to no patients, and each query searches all other rows. */
  readonly patients: number | null
  readonly queries: number
  readonly sample: number
  readonly seeds: readonly number[]
  readonly bits: readonly number[]
  /** By kind and bits, ranked by Hamming distance alone. */
  readonly dice_at_10: DiceByKind
  /** Ranked as a search does by default: by margins, or by the estimated distance. */
  readonly dice_at_10_ranked: DiceByKind
  /** Standard deviations over the seeds. */
  readonly spread: DiceByKind
  readonly spread_ranked: DiceByKind
}

const K = 10
/** Share of the patients, or rows, that are queries if no encoder records its training patients. */
const ASKING = 1 / 6

/**
 * Fits families to vectors of some patients and measures them on queries of other patients, each against the rows of
 * all patients but its own. Patients that an encoder of the space was trained on are not queries; if no encoder records
 * its training patients, a seeded sixth of the patients are the queries.
 *
 * @throws LshError `LSH01` for an unknown space, `LSH03` if it has too few rows
 */
export async function evaluateFamilies(
  store: Store,
  source: VectorSource,
  options: EvaluateFamiliesOptions,
): Promise<FamiliesEvaluation> {
  const { seeds, bits, rows } = options
  if ('space' in source) await readSpace(store, source.space)
  const table = await describeTable(store, columnOf(source))
  const read = await readOwnedSample(store, source, table, { seed: 1, wanted: rows })
  const encoders = 'space' in source ? await encodersSeen(store, source.space) : []
  const seen = encoders.flatMap(({ trained_on }) => trained_on)
  const plain: DiceByKind[] = []
  const ranked: DiceByKind[] = []
  let sizes = { queries: 0, sample: 0 }
  for (const seed of seeds) {
    const data = dataOf(read, new Set(seen), { ...options, seed })
    sizes = { queries: data.queries.items.length, sample: data.sample.length }
    const measured = measureFamilies(data, { ...options, seed, k: K })
    plain.push(measured.plain)
    ranked.push(measured.ranked)
  }
  const { vectors, owners } = read
  return {
    relation: table.name,
    dims: table.dims,
    rows: vectors.length,
    patients: owners ? new Set(owners).size : null,
    ...sizes,
    seeds,
    bits,
    dice_at_10: summed(plain, mean),
    dice_at_10_ranked: summed(ranked, mean),
    spread: summed(plain, deviation),
    spread_ranked: summed(ranked, deviation),
  }
}

/** Chooses the queries and the rows that families are fitted to. */
function dataOf(
  { vectors, owners }: Sample,
  seen: ReadonlySet<number>,
  { seed, queries, sample }: EvaluateFamiliesOptions & { seed: number },
): FamilyData {
  const order = permutation(vectors.length, random(seed))
  const whose = owners ?? Int32Array.from(vectors, (_, row) => row)
  const names = [...new Set(whose)].sort((a, b) => a - b)
  let asking = new Set(names.filter((name) => !seen.has(name)))
  if (asking.size === 0 || asking.size === names.length) {
    const shuffled = Array.from(permutation(names.length, random(seed)), (i) => names[i]!)
    asking = new Set(shuffled.slice(0, Math.max(1, Math.round(ASKING * names.length))))
  }
  const asked = order.filter((row) => asking.has(whose[row]!)).subarray(0, queries)
  const fitted = order.filter((row) => !asking.has(whose[row]!)).subarray(0, sample)
  if (asked.length === 0 || fitted.length <= K) {
    throw new LshError('LSH03', `${vectors.length} rows are too few to fit families and to query`, {
      hint: 'Add more rows to the space: "pg-lsh encode --space NAME", or "pg-lsh load vectors".',
    })
  }
  return {
    sample: Array.from(fitted, (row) => vectors[row]!),
    owners: owners && Int32Array.from(fitted, (row) => owners[row]!),
    queries: keyed(vectors, whose, asked),
    rows: keyed(
      vectors,
      whose,
      Int32Array.from(vectors, (_, row) => row),
    ),
  }
}

function keyed(vectors: readonly Float32Array[], owners: Int32Array, rows: Int32Array): KeyedRows {
  return {
    items: rows,
    patients: Int32Array.from(rows, (row) => owners[row]!),
    vectors: endToEnd(Array.from(rows, (row) => vectors[row]!)),
  }
}

/** Combines the figures of several seeds. */
function summed(all: readonly DiceByKind[], of: (values: readonly number[]) => number): DiceByKind {
  const entries = Object.entries(all[0] ?? {}).map(([kind, byBits]) => {
    const own = Object.keys(byBits).map((bits) => {
      const values = all.flatMap((one) => one[kind]?.[Number(bits)] ?? [])
      return [bits, of(values)] as const
    })
    return [kind, Object.fromEntries(own)] as const
  })
  return Object.fromEntries(entries)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample standard deviation; 0 for a single value. */
function deviation(values: readonly number[]): number {
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0
}

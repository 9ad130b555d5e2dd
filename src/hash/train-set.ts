import { LshError } from '../core/errors.js'
import { permutation, random } from '../core/random.js'
import { endToEnd } from '../core/vector.js'
import { calibrate } from './calibrate.js'
import type { TrainOptions } from './train-options.js'

/** Vectors prepared for the training of a kernel. */
export interface TrainingSet {
  readonly dims: number
  readonly rows: number
  /** Vectors less their mean, multiplied by `scale`, concatenated: neighbours are about 0.75 apart. */
  readonly values: Float32Array
  /**
   * Square root of the calibrated bandwidth; directions for `values` are multiplied by it to apply to the vectors
   * themselves.
   */
  readonly scale: number
  readonly seed: number
  readonly k: number
  readonly labels: Int32Array | null
  readonly owners: Int32Array | null
  /** Rows to learn from. */
  readonly learned: Int32Array
  /** Rows that decide when to stop; owners, if known, are not shared with `learned`. */
  readonly heldOut: Int32Array
}

/** Share of the rows, or of their owners, that is held out. */
const HELD_OUT = 1 / 5
/** Held-out rows that serve as queries: enough to resolve .01 of agreement. */
const ASKED = 400
/** Rows whose distances give the bandwidth, as in `lsh.create_family`. */
const CALIBRATED = 2000

/**
 * Prepares a sample, in random order, for training.
 *
 * @throws LshError `LSH03` if there are too few vectors or all are equal, `bad_usage` if the number of labels or owners
 * is not that of the vectors.
 */
export function trainingSet(
  sample: readonly Float32Array[],
  center: Float32Array,
  { seed = 1, k = 10, labels, owners }: TrainOptions,
): TrainingSet {
  const [rows, dims] = [sample.length, center.length]
  if (rows < 20 * k) {
    throw new LshError('LSH03', `${rows} vectors are too few to train for ${k} neighbours`, {
      hint: `Give at least ${20 * k} of them, or draw a family: "pg-lsh family create".`,
    })
  }
  assertEach('labels', labels, rows)
  assertEach('owners', owners, rows)
  const { bandwidth } = calibrate(sample.slice(0, CALIBRATED))
  if (bandwidth === null) {
    throw new LshError('LSH03', 'all vectors of the sample are equal', {
      hint: 'There is nothing to train: load other vectors.',
    })
  }
  const scale = Math.sqrt(bandwidth)
  const values = endToEnd(sample.slice())
  for (let i = 0; i < values.length; i++) values[i] = scale * (values[i]! - center[i % dims]!)
  return {
    dims,
    rows,
    values,
    scale,
    seed,
    k,
    labels: labels ?? null,
    owners: owners ?? null,
    ...parted(rows, owners ?? Int32Array.from({ length: rows }, (_, row) => row), seed),
  }
}

/** Copies some rows into one array. */
export function rowsOf(values: Float32Array, dims: number, rows: ArrayLike<number>): Float32Array {
  const chosen = new Float32Array(rows.length * dims)
  for (let i = 0; i < rows.length; i++)
    chosen.set(values.subarray(rows[i]! * dims, (rows[i]! + 1) * dims), i * dims)
  return chosen
}

/** Whether two rows may be compared. */
export function comparable({ owners }: TrainingSet, a: number, b: number): boolean {
  return owners ? owners[a] !== owners[b] : a !== b
}

function parted(
  rows: number,
  owners: Int32Array,
  seed: number,
): Pick<TrainingSet, 'learned' | 'heldOut'> {
  const names = [...new Set(owners)].sort((a, b) => a - b)
  if (names.length < 5) {
    throw new LshError('LSH03', `${names.length} patients are too few to train on`, {
      hint: 'Load plans of at least five patients: a fifth of them decides when to stop.',
    })
  }
  const order = permutation(names.length, random(seed))
  const count = Math.round(HELD_OUT * names.length)
  const out = new Set(Array.from(order.subarray(0, count), (i) => names[i]!))
  const all = Array.from({ length: rows }, (_, row) => row)
  return {
    learned: Int32Array.from(all.filter((row) => !out.has(owners[row]!))),
    heldOut: Int32Array.from(all.filter((row) => out.has(owners[row]!)).slice(0, ASKED)),
  }
}

/** Refuses a list that does not have one number per row. */
export function assertEach(name: string, list: Int32Array | undefined, rows: number): void {
  if (list === undefined || list.length === rows) return
  throw new LshError('bad_usage', `there are ${list.length} ${name} for ${rows} vectors`, {
    hint: `Give one for each vector, in their order, or none.`,
  })
}

import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import type { Store } from '../connection/connect.js'
import { encodersSeen } from '../spaces/encoders.js'
import type { Sample } from './vector-sample.js'

/** Share of the sources used for training if no source is in a test split. */
const TRAINING_SHARE = 2 / 3

/** Vectors with classes for training a family. */
export interface LabelledSample {
  readonly vectors: readonly Float32Array[]
  /** Patient, tile or neuron of each vector. */
  readonly owners: Int32Array
  /** Class of each vector: an index in `classes`. */
  readonly labels: Int32Array
  /** Names of the classes, sorted. */
  readonly classes: readonly string[]
}

/**
 * Selects the rows of a sample of a space that have a class and are not held out for queries. These are rows of the
 * sources (patients, tiles or neurons) that an encoder of the space was trained on. If there is no such encoder, they
 * are rows of the sources outside the test split or, if no source is in one, of two thirds of the sources, chosen by
 * the seed.
 *
 * @throws LshError `LSH03` if these rows have fewer than two classes
 */
export async function labelledSample(
  store: Store,
  space: string,
  { vectors, owners, labels }: Sample,
  seed: number,
): Promise<LabelledSample> {
  const training = owners ? await trainingSources(store, space, owners, seed) : new Set<number>()
  const rows = vectors.flatMap((_, row) => {
    const label = labels?.[row] ?? null
    return owners && label !== null && training.has(owners[row]!) ? [{ row, label }] : []
  })
  const classes = [...new Set(rows.map(({ label }) => label))].sort()
  if (!owners || classes.length < 2)
    throw new LshError(
      'LSH03',
      `training needs at least two classes, but the training items of space "${space}" have ${classes.length}`,
      {
        hint: 'Load images or neurons with labels: "pg-lsh load images DIR --labels FILE", or train without --labels.',
      },
    )
  const numbers = new Map(classes.map((name, i) => [name, i]))
  return {
    vectors: rows.map(({ row }) => vectors[row]!),
    owners: Int32Array.from(rows, ({ row }) => owners[row]!),
    labels: Int32Array.from(rows, ({ label }) => numbers.get(label)!),
    classes,
  }
}

async function trainingSources(
  store: Store,
  space: string,
  owners: Int32Array,
  seed: number,
): Promise<Set<number>> {
  const trainedOn = (await encodersSeen(store, space)).flatMap(({ trained_on }) => trained_on)
  if (trainedOn.length > 0) return new Set(trainedOn)
  const { rows } = await sql<{ id: number; split: string | null }>`
    select id, split from cbir.patient
    where id = any(${[...new Set(owners)]}::int[])
    order by dataset, pseudonym`.execute(store.db)
  const others = rows.filter(({ split }) => split !== 'test')
  const order = Array.from(permutation(others.length, random(seed)), (i) => others[i]!.id)
  // If there is a test split, no other sources are held out.
  const count =
    others.length < rows.length ? order.length : Math.round(TRAINING_SHARE * order.length)
  return new Set(order.slice(0, count))
}

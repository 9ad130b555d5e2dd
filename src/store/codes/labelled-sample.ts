import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import type { Store } from '../connection/connect.js'
import { encodersSeen } from '../spaces/encoders.js'
import type { Sample } from './vector-sample.js'

/** Share of the sources used for training if the data set names none for queries. */
const LEARNED = 2 / 3

/** Vectors with classes for training a family. */
export interface LabelledSample {
  readonly vectors: readonly Float32Array[]
  readonly owners: Int32Array
  /** Number of the class of each. */
  readonly labels: Int32Array
  /** Names of the classes, by their numbers. */
  readonly classes: readonly string[]
}

/**
 * The rows of a sample of a space that have a class and are not held out for queries: the rows of sources that an
 * encoder of the space was trained on or, without an encoder, of all sources except a seeded third.
 *
 * @throws LshError `LSH03` for fewer than two classes
 */
export async function labelledSample(
  store: Store,
  space: string,
  { vectors, owners, labels }: Sample,
  seed: number,
): Promise<LabelledSample> {
  const learned = owners ? await learnedSources(store, space, owners, seed) : new Set<number>()
  const rows = vectors.flatMap((_, row) => {
    const label = labels?.[row] ?? null
    return owners && label !== null && learned.has(owners[row]!) ? [{ row, label }] : []
  })
  const classes = [...new Set(rows.map(({ label }) => label))].sort()
  if (!owners || classes.length < 2)
    throw new LshError(
      'LSH03',
      `space "${space}" has labels of ${classes.length} classes, at least two are needed`,
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

async function learnedSources(
  store: Store,
  space: string,
  owners: Int32Array,
  seed: number,
): Promise<Set<number>> {
  const seen = (await encodersSeen(store, space)).flatMap(({ trained_on }) => trained_on)
  if (seen.length > 0) return new Set(seen)
  const { rows } = await sql<{ id: number; split: string | null }>`
    select id, split from cbir.patient
    where id = any(${[...new Set(owners)]}::int[])
    order by dataset, pseudonym`.execute(store.db)
  const others = rows.filter(({ split }) => split !== 'test')
  const order = Array.from(permutation(others.length, random(seed)), (i) => others[i]!.id)
  // If a data set names its queries, no others are held out.
  const kept = others.length < rows.length ? order.length : Math.round(LEARNED * order.length)
  return new Set(order.slice(0, kept))
}

import { LshError } from '../../core/errors.js'
import { labelledSample } from './labelled-sample.js'
import { sql } from 'kysely'
import { calibrate } from '../../hash/calibrate.js'
import type { HashFamily } from '../../hash/family.js'
import { trainFamily, type TrainFamilyOptions } from '../../hash/train-family.js'
import type { TrainingFigures } from '../../hash/train-options.js'
import type { Store } from '../connection/connect.js'
import { CALIBRATED, calibrationOf, learnedFrom, saveFamily } from './create-family.js'
import { readSpace } from '../spaces/read-space.js'
import { columnOf, describeTable, readOwnedSample, type VectorSource } from './vector-sample.js'

/** Number of rows to read, about as many as the training uses. */
const SAMPLE = 5500

export interface TrainFamilyOfOptions extends Omit<
  TrainFamilyOptions,
  'rows' | 'labels' | 'owners'
> {
  /**
   * Trains so that codes of the same class are similar, whatever their vectors; needs items of a space with classes.
   * (Default: false)
   */
  byLabels?: boolean
}

/**
 * Trains a hash family for the vectors of a space or table on a seeded sample of them, and stores it. Slices and plans of one
 * patient are not compared with each other; a fifth of the patients, or of the rows, decides when to stop.
 *
 * @throws LshError `LSH01` for an unknown space, `LSH03` for vectors too few or all equal, `bad_usage` for options out
 *   of range.
 */
export async function trainFamilyOf(
  store: Store,
  source: VectorSource,
  options: TrainFamilyOfOptions,
): Promise<{ family: HashFamily; figures: TrainingFigures; sampled: number }> {
  const { name, seed = 1, buckets, byLabels = false, ...training } = options
  if ('space' in source) await readSpace(store, source.space)
  await sql`select lsh_internal.assert_family_name(${name})`.execute(store.db)
  const table = await describeTable(store, columnOf(source))
  const wanted = buckets === 'voronoi' ? Math.max(SAMPLE, learnedFrom(table)) : SAMPLE
  const read = await readOwnedSample(store, source, table, { seed, wanted })
  const labelled = byLabels ? await labelledSample(store, spaceOf(source), read, seed) : null
  const { vectors, owners } = labelled ?? read
  const { family, figures } = trainFamily(vectors, {
    ...training,
    name,
    seed,
    ...(buckets && { buckets }),
    rows: table.rows,
    ...(owners && { owners }),
    ...(labelled && { labels: labelled.labels }),
  })
  const measured = calibrate(vectors.slice(0, CALIBRATED), 50, family.kind)
  const calibration = await calibrationOf(store, table, family, measured, true)
  const learned = labelled && {
    classes: labelled.classes,
    trained_on: [...new Set(labelled.owners)].sort((a, b) => a - b),
  }
  await saveFamily(store, family, { ...calibration, training: { ...figures, ...learned } })
  return { family, figures, sampled: vectors.length }
}

function spaceOf(source: VectorSource): string {
  if ('space' in source) return source.space
  throw new LshError(
    'bad_usage',
    'only the items of a space have classes, rows of a table have none',
    {
      hint: 'Name a space with --space, or leave --labels out.',
    },
  )
}

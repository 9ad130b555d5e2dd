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

/** Number of rows to read: training uses 5000 of them, and a sample may be slightly smaller than requested. */
const SAMPLE = 5500

export interface TrainFamilyOfOptions extends Omit<
  TrainFamilyOptions,
  'rows' | 'labels' | 'owners'
> {
  /**
   * Trains the codes of items of the same class to be similar, whatever their vectors. The source must be a space whose
   * items have classes. (Default: false)
   */
  byLabels?: boolean
}

/**
 * Trains a hash family on a seeded sample of the vectors of a space or table, and stores it. Items of the same patient
 * are not compared with each other. A held-out fifth of the patients (of the rows, if none has a patient) decides when
 * to stop. Returns the family, the figures of its training, and the number of vectors in the sample.
 *
 * @throws LshError `LSH01` for an unknown space, `LSH03` if the vectors or their classes are too few or the vectors are
 *   all equal, `bad_usage` for options out of range.
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
  const trainedClasses = labelled && {
    classes: labelled.classes,
    trained_on: [...new Set(labelled.owners)].sort((a, b) => a - b),
  }
  await saveFamily(store, family, { ...calibration, training: { ...figures, ...trainedClasses } })
  return { family, figures, sampled: vectors.length }
}

function spaceOf(source: VectorSource): string {
  if ('space' in source) return source.space
  throw new LshError('bad_usage', 'only items of a space have classes, rows of a table do not', {
    hint: 'Name a space with --space, or omit --labels.',
  })
}

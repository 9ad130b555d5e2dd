import { sql, type ExpressionBuilder } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Split } from '../../core/plan.js'
import { permutation, random } from '../../core/random.js'
import type { Store } from '../connection/connect.js'
import type { Database } from '../connection/database.js'

/** A patient with plans, or a source with images, in the database. */
export interface PatientOf {
  readonly id: number
  readonly split: Split
}

/** Patients by their role in training. */
export interface PatientParts {
  readonly train: readonly number[]
  /** Patients that decide when the training stops. */
  readonly validation: readonly number[]
  /** Held-out patients: the queries of an evaluation. */
  readonly test: readonly number[]
  /** Whether the source calls these patients `test`; otherwise they were held out by seed. */
  readonly named: boolean
}

/**
 * Patients of a data set that have plans, or the sources of its images, in the order of their pseudonyms.
 *
 * @throws LshError `LSH03` if there are none
 */
export async function patientsOf(store: Store, dataset: string): Promise<PatientOf[]> {
  const rows = await store.db
    .selectFrom('cbir.patient')
    .select(['id', 'split'])
    .where('dataset', '=', dataset)
    .where((eb) => eb.exists(rowsOf(eb, 'cbir.plan')).or(eb.exists(rowsOf(eb, 'cbir.picture'))))
    .orderBy('pseudonym')
    .execute()
  if (rows.length === 0) {
    throw new LshError('LSH03', `data set "${dataset}" has no plans and no images`, {
      hint: 'Load some: "pg-lsh load openkbp DIR --dataset NAME"; "select distinct dataset from cbir.patient" lists the existing data sets.',
    })
  }
  return rows
}

/** Subquery for the rows of a patient in a table. */
function rowsOf(
  eb: ExpressionBuilder<Database, 'cbir.patient'>,
  table: 'cbir.plan' | 'cbir.picture',
) {
  return eb.selectFrom(table).whereRef(`${table}.patient_id`, '=', 'cbir.patient.id')
}

/**
 * The only data set of a database.
 *
 * @throws LshError `LSH03` if there is none, `bad_usage` if there are several
 */
export async function onlyDataset(store: Store): Promise<string> {
  const rows = await store.db
    .selectFrom('cbir.patient')
    // Patients without plans and images are those that an imported encoder was trained on.
    .where((eb) => eb.exists(rowsOf(eb, 'cbir.plan')).or(eb.exists(rowsOf(eb, 'cbir.picture'))))
    .select('dataset')
    .distinct()
    .orderBy('dataset')
    .execute()
  const names = rows.map((row) => row.dataset)
  if (names.length === 1) return names[0] as string
  if (names.length === 0) {
    throw new LshError('LSH03', 'the database holds no plans and no images', {
      hint: 'Load some: "pg-lsh load openkbp DIR --dataset NAME".',
    })
  }
  throw new LshError('bad_usage', `there are ${names.length} data sets: ${names.join(', ')}`, {
    hint: 'Choose one with --dataset.',
  })
}

/** Share held out for queries if the source names none; larger for tiles and neurons, of which each has one image. */
export const HELD_OUT = { plans: 1 / 6, pictures: 1 / 3 } as const

/**
 * Splits patients and not slices, because adjacent slices of a patient are nearly equal. Patients that the source calls
 * `test` are held out. If it names none, or leaves fewer than two others, a seeded share is held out. A seeded eighth
 * of the others is for validation.
 *
 * @throws LshError `LSH03` if fewer than two patients remain for training and validation
 */
export function splitPatients(
  patients: readonly PatientOf[],
  seed = 1,
  share = HELD_OUT.plans,
): PatientParts {
  const order = permutation(patients.length, random(seed))
  const shuffled = Array.from(order, (i) => patients[i] as PatientOf)
  const tests = shuffled.filter((patient) => patient.split === 'test').length
  // At least one is needed for training and one for validation.
  const named = tests > 0 && shuffled.length - tests >= 2
  const heldOut = named ? 0 : Math.max(1, Math.round(shuffled.length * share))
  const test = shuffled.filter((patient, i) => (named ? patient.split === 'test' : i < heldOut))
  const rest = shuffled.filter((patient) => !test.includes(patient))
  if (rest.length < 2) {
    throw new LshError('LSH03', `${patients.length} patients are too few to train on`, {
      hint: 'Load more plans: one patient is needed for training, one for validation, one for the queries.',
    })
  }
  const stopping = Math.max(1, Math.round(rest.length / 8))
  const ids = (part: readonly PatientOf[]) =>
    part.map((patient) => patient.id).sort((a, b) => a - b)
  return {
    validation: ids(rest.slice(0, stopping)),
    train: ids(rest.slice(stopping)),
    test: ids(test),
    named,
  }
}

/**
 * A seeded choice of at most `queries` slices, in the order of their keys, among those with features in a space whose
 * patients its encoders were not trained on; by default from all data sets and patients.
 */
export async function queryItems(
  store: Store,
  space: string,
  options: { queries: number; seed?: number; dataset?: string; patients?: readonly number[] },
): Promise<number[]> {
  const { queries, seed = 1, dataset = null, patients = null } = options
  const { rows } = await sql<{ item_id: number }>`
    select feature.item_id
    from ${sql.id('space', space)} as feature
      join cbir.slice on slice.item_id = feature.item_id
      join cbir.plan on plan.id = slice.plan_id
      join cbir.patient on patient.id = plan.patient_id
    where (${dataset}::text is null or patient.dataset = ${dataset})
      and (${patients}::int[] is null or patient.id = any(${patients}::int[])) and not exists (
      select from cbir.encoder
      where encoder.trained_on @> array[plan.patient_id]
        and encoder.id in (select unnest(cbir.encoders_of(${space})))
    )
    order by feature.item_id`.execute(store.db)
  const order = permutation(rows.length, random(seed)).subarray(0, queries)
  return Array.from(order, (i) => (rows[i] as { item_id: number }).item_id).sort((a, b) => a - b)
}

/** The patient of each slice, by the key of the slice. */
export async function slicePatients(
  store: Store,
  items: readonly number[],
): Promise<Map<number, number>> {
  if (items.length === 0) return new Map()
  const rows = await store.db
    .selectFrom('cbir.slice')
    .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.slice.plan_id')
    .select(['item_id', 'patient_id'])
    .where('item_id', 'in', [...items])
    .execute()
  return new Map(rows.map(({ item_id: item, patient_id: patient }) => [item, patient]))
}

/** @throws LshError `LSH01` for a data set that has no patients */
export async function assertDataset({ db }: Pick<Store, 'db'>, dataset: string): Promise<void> {
  const row = await db
    .selectFrom('cbir.patient')
    .select('id')
    .where('dataset', '=', dataset)
    .limit(1)
    .executeTakeFirst()
  if (row) return
  throw new LshError('LSH01', `data set "${dataset}" does not exist`, {
    hint: 'List them: pg-lsh sql "select distinct dataset from cbir.patient".',
  })
}

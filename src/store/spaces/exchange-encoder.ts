import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { assertDecodes } from '../../encode/onnx/assert-decodes.js'
import type { PackedEncoder, PatientName } from '../../encode/trained/encoder-folder.js'
import type { Store, Transaction } from '../connection/connect.js'
import { addEncoder, readEncoder } from './encoders.js'

/**
 * Reads an encoder for export, with the names of the patients that it was trained on.
 *
 * @throws LshError `LSH01` if it does not exist, `bad_usage` if it encodes images or neurons or is an ONNX model
 */
export async function packEncoder(store: Store, name: string): Promise<PackedEncoder> {
  const trained = await readEncoder(store, name)
  assertDecodes(trained, name)
  const { dataset } = await store.db
    .selectFrom('cbir.encoder')
    .select('dataset')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  const { rows: patients } = await sql<PatientName>`
    select patient.dataset, patient.pseudonym
    from cbir.patient
      join cbir.encoder on patient.id = any(encoder.trained_on)
    where encoder.name = ${name}
    order by patient.dataset, patient.pseudonym`.execute(store.db)
  return { name, dataset, patients, trained }
}

export interface AddPackedOptions {
  /** Name of the encoder and its space. (Default: the exported name) */
  name?: string
}

/** Result of an import. */
export interface AddedEncoder {
  readonly name: string
  /** Number of patients that it was trained on. */
  readonly patients: number
  /** Number of those whose plans are not in this database. */
  readonly unknownPatients: number
}

/**
 * Stores an encoder from another database and creates its empty space. Patients are identified by data set and
 * pseudonym. Patients that are not in this database yet are stored without plans, so that they do not become queries of
 * an evaluation when their plans are loaded later.
 *
 * @throws LshError `bad_usage` if the name is already in use.
 */
export async function addPackedEncoder(
  store: Store,
  packed: PackedEncoder,
  options: AddPackedOptions = {},
): Promise<AddedEncoder> {
  const { name = packed.name } = options
  const { dataset, patients, trained } = packed
  return store.transaction(async (transaction) => {
    await refuseTaken(transaction, name)
    const known = await addMissingPatients(transaction, patients)
    const trainedOn = known.map(({ id }) => id)
    await addEncoder(transaction, trained, { name, dataset, trainedOn })
    const unknownPatients = known.filter(({ plans }) => !plans).length
    return { name, patients: known.length, unknownPatients }
  })
}

async function refuseTaken({ db }: Transaction, name: string): Promise<void> {
  const { rows } = await sql<{ taken: boolean }>`
    select exists (select from cbir.encoder where encoder.name = ${name})
      or exists (select from cbir.space where space.name = ${name}) as taken`.execute(db)
  if (!rows[0]?.taken) return
  throw new LshError('bad_usage', `an encoder or a space "${name}" already exists`, {
    hint: `Import it under another name with --name, or drop the existing one: pg-lsh sql "select cbir.drop_space('${name}')".`,
  })
}

/** Adds missing patients. Returns the ids of all, and whether they have plans in this database. */
async function addMissingPatients({ db }: Transaction, patients: readonly PatientName[]) {
  const named = sql`json_to_recordset(${JSON.stringify(patients)}::json) as named(dataset text, pseudonym text)`
  // Loaders use the same lock, so that no patient is stored twice.
  await sql`select pg_advisory_xact_lock(hashtext('pg-lsh load'))`.execute(db)
  await sql`
    insert into cbir.patient (dataset, pseudonym)
    select distinct dataset, pseudonym from ${named}
    where not exists (
      select from cbir.patient
      where patient.dataset = named.dataset and patient.pseudonym = named.pseudonym
    )
    order by dataset, pseudonym`.execute(db)
  const { rows } = await sql<{ id: number; plans: boolean }>`
    select patient.id, exists (select from cbir.plan where plan.patient_id = patient.id) as plans
    from cbir.patient
    where (patient.dataset, patient.pseudonym) in (select dataset, pseudonym from ${named})
    order by patient.id`.execute(db)
  return rows
}

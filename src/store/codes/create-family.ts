import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { calibrate, type Calibration as Measured } from '../../hash/calibrate.js'
import { chooseKind, kindsToChoose, type KindChoice } from '../../hash/choose-kind.js'
import { bucketCount, projectionsOf, type HashFamily } from '../../hash/family.js'
import { fitFamily, type FitOptions } from '../../hash/fit.js'
import type { Store, Transaction } from '../connection/connect.js'
import type { Calibration } from '../connection/lsh-tables.js'
import { describeTable, readSample, type Table } from './vector-sample.js'
import { KINDS } from '../../hash/kinds.js'

/**
 * Bounds of the number of rows from which cells and rotations are learned, and of the numbers in their vectors. Between
 * the bounds, half of the table is used: about 36 rows per cell.
 */
const SAMPLE = { least: 20_000, most: 200_000, numbers: 25_600_000 }
/** Number of sampled rows whose distances are measured, as in `lsh.calibrate`. A drawn family needs no other rows. */
export const CALIBRATED = 2000

/**
 * Fits a hash family to a seeded sample of a vector column, and stores it in one transaction. Without `kind`, it
 * chooses the kind whose codes find the most nearest neighbours in the sample. A drawn family equals that of
 * `lsh.create_family` except for rounding, and is created in a fraction of the time.
 *
 * @throws LshError `LSH03` for fewer than two vectors, `bad_usage` for options out of range.
 */
export async function createFamilyOf(
  store: Store,
  of: { relation: string; column: string },
  { rerank, ...options }: FitOptions & { rerank?: boolean },
): Promise<HashFamily> {
  const { name, seed = 1, buckets } = options
  await sql`select lsh_internal.assert_family_name(${name})`.execute(store.db)
  const table = await describeTable(store, of)
  const choice = options.kind
    ? { kind: options.kind, dice: null }
    : await kindOf(store, table, { ...options, seed, ...(rerank !== undefined && { rerank }) })
  const { kind } = choice
  const learned = KINDS[kind].learned || buckets === 'voronoi'
  const sample = learned
    ? await readSample(store, table, seed, learnedFrom(table))
    : (await readSample(store, table, seed, 1.1 * CALIBRATED)).slice(0, CALIBRATED)
  const measured = calibrate(sample.slice(0, CALIBRATED), 50, kind)
  const bandwidth = options.bandwidth ?? measured.bandwidth ?? undefined
  const family = fitFamily(sample, {
    rows: table.rows,
    ...options,
    kind,
    ...(bandwidth === undefined ? {} : { bandwidth }),
  })
  const calibration = await calibrationOf(store, table, family, measured)
  await saveFamily(store, family, {
    ...calibration,
    ...(choice.dice && { best_kind: kind, dice: choice.dice }),
  })
  return family
}

/**
 * Chooses the kind of a family by a sample of its table. If the table has row-level security, kinds with learned cells
 * are excluded, since the centre of a cell may be the vector of a single row.
 */
async function kindOf(
  store: Store,
  table: Table,
  {
    rerank = true,
    buckets,
    bits,
    seed = 1,
    bandwidth,
  }: Omit<FitOptions, 'name'> & { rerank?: boolean },
): Promise<KindChoice> {
  const { rows } = await sql<{ secured: boolean }>`
    select relrowsecurity as secured from pg_catalog.pg_class where oid = ${table.name}::regclass`.execute(
    store.db,
  )
  const kinds = kindsToChoose({
    rerank,
    buckets: rows[0]?.secured ? 'directions' : buckets,
    bandwidth,
  })
  const sample = await readSample(store, table, seed, 1.1 * CALIBRATED)
  return chooseKind(sample.slice(0, CALIBRATED), {
    kinds,
    seed,
    ...(bits !== undefined && { bits }),
    ...(bandwidth !== undefined && { bandwidth }),
  })
}

/**
 * Returns the calibration to store with a family. The database warns if the data are hard to hash, or if the bandwidth
 * does not suit them. For a trained family, the bandwidth is not checked, since training determines it, and the curve is
 * null, since the expected shares of differing bits only hold for drawn directions.
 */
export async function calibrationOf(
  store: Store,
  table: Table,
  { kind, bandwidth }: HashFamily,
  measured: Measured,
  trained = false,
): Promise<object> {
  // Kind sign has no bandwidth that could be out of range.
  const checkedKind = trained ? 'sign' : kind
  const figures = sql`row(${measured.sampled}::int, ${measured.radius}::float8, ${measured.meanDistance}::float8,
    ${measured.contrast}::float8, ${bandwidth}::float8, null, null, null)::lsh.calibration`
  const { rows } = await sql<Calibration>`
    select figures.*, lsh_internal.curve(${kind}, figures.*) as curve
    from (select (${figures}).*) as figures
      cross join lateral lsh_internal.warn(${table.name}, ${checkedKind}, figures.*) as warned`.execute(
    store.db,
  )
  return { ...rows[0], ...(trained && { curve: null }), relation: table.name }
}

/** Approximate number of rows of a table from which cells and rotations are learned. */
export function learnedFrom({ dims, rows }: Table): number {
  const most = Math.min(SAMPLE.most, Math.floor(SAMPLE.numbers / Math.max(1, dims)))
  return Math.min(most, Math.max(SAMPLE.least, Math.round(rows / 2)))
}

/**
 * Stores a family that the client computed. The database recomputes its checksum from the stored rows.
 *
 * @throws LshError `database` if the checksums differ
 */
export async function saveFamily(
  store: Store,
  family: HashFamily,
  calibration: object,
): Promise<void> {
  const { name, kind, dims, bits, levels, seed, bandwidth, center, bucket, version } = family
  await store.transaction(async (transaction) => {
    const { id } = await transaction.db
      .insertInto('lsh.family')
      .values({
        name,
        kind,
        dims,
        bits,
        levels,
        seed,
        bandwidth,
        center,
        bucket_kind: bucket.kind,
        bucket_count: bucketCount(family),
        calibration: JSON.stringify(calibration),
        version,
        checksum: '',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await addProjections(transaction, id, family)
    const { rows } = await sql<{ checksum: string }>`
      select lsh_internal.seal(${name}) as checksum`.execute(transaction.db)
    if (rows[0]?.checksum !== family.checksum) {
      throw new LshError(
        'database',
        `the stored hash family "${name}" differs from the one that was sent`,
        {
          hint: 'Try again; if it happens again, report it with the versions that "pg-lsh doctor" prints.',
        },
      )
    }
  })
}

const PROJECTION_COLUMNS = {
  family_id: 'int4',
  purpose: 'text',
  ordinal: 'int4',
  parent: 'int4',
  weight: 'vector',
  phase: 'float8',
  threshold: 'float8',
} as const

async function addProjections(
  { db, copy }: Transaction,
  id: number,
  family: HashFamily,
): Promise<void> {
  const rows = projectionsOf(family).map((row) => [
    id,
    row.purpose,
    row.ordinal,
    row.parent,
    row.weight,
    row.phase,
    row.threshold,
  ])
  const policies = await sql<{ active: boolean }>`
    select pg_catalog.row_security_active('lsh.projection') as active`.execute(db)
  if (policies.rows[0]?.active !== true) {
    await copy({ table: 'lsh.projection', columns: PROJECTION_COLUMNS }, rows)
    return
  }
  // COPY refuses to write into a table with active row-level security, so the rows pass through a temporary table.
  await sql`create temporary table lsh_projection (like lsh.projection) on commit drop`.execute(db)
  await copy({ table: 'pg_temp.lsh_projection', columns: PROJECTION_COLUMNS }, rows)
  await sql`insert into lsh.projection select * from pg_temp.lsh_projection`.execute(db)
}

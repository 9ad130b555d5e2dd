import { sql } from 'kysely'
import { LshError } from '../core/errors.js'
import { bucketCount, projectionsOf, type HashFamily } from '../hash/family.js'
import { fitFamily, type FitOptions } from '../hash/fit.js'
import type { Store } from './connect.js'
import type { Calibration } from './database.js'

/** Rows a family is learned from: more move centres and rotations little. */
const SAMPLE = 50_000

/**
 * Learns a hash family for a vector column from a seeded sample of it and stores it, in one transaction.
 *
 * @throws LshError `LSH03` for fewer than two vectors, `bad_usage` for options out of range.
 */
export async function learnFamily(
  store: Store,
  of: { relation: string; column: string },
  options: FitOptions & { kind: HashFamily['kind'] },
): Promise<HashFamily> {
  const { seed = 1, kind } = options
  const sampled = await sql<{ vector: Float32Array }>`
    select vector
    from unnest(lsh._sample(${of.relation}::regclass, ${of.column}, ${SAMPLE}::int, ${seed}::int))
      with ordinality as sample (vector, number)
    order by number`.execute(store.db)
  const counted = await sql<{ rows: number; name: string }>`
    select count(*)::int as rows, ${of.relation}::regclass::text as name
    from ${sql.raw(await quoted(store, of.relation))}`.execute(store.db)
  const [{ rows, name } = { rows: 0, name: '' }] = counted.rows
  const measured = await sql<Calibration>`
    select * from lsh.calibrate(${of.relation}::regclass, ${of.column}, seed => ${seed}::int, kind => ${kind},
      bandwidth => ${options.bandwidth ?? null}::float8)`.execute(store.db)
  const family = fitFamily(
    sampled.rows.map(({ vector }) => vector),
    {
      rows,
      ...options,
      ...(measured.rows[0]?.bandwidth ? { bandwidth: measured.rows[0].bandwidth } : {}),
    },
  )
  await saveFamily(store, family, { ...measured.rows[0], relation: name })
  return family
}

/** A table's name as the server quotes it. */
async function quoted(store: Store, relation: string): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select ${relation}::regclass::text as name`.execute(store.db)
  return rows[0]?.name ?? relation
}

/** Stores a family that was made here. The database computes its checksum anew; the two must agree. */
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
        center: `[${center.join(',')}]`,
        bucket_kind: bucket.kind,
        bucket_count: bucketCount(family),
        calibration: JSON.stringify(calibration),
        version,
        checksum: '',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction.copy(
      {
        table: 'lsh.projection',
        columns: {
          family_id: 'int4',
          purpose: 'text',
          ordinal: 'int4',
          parent: 'int4',
          weight: 'vector',
          phase: 'float8',
          threshold: 'float8',
        },
      },
      projectionsOf(family).map((row) => [
        id,
        row.purpose,
        row.ordinal,
        row.parent,
        row.weight,
        row.phase,
        row.threshold,
      ]),
    )
    const { rows } = await sql<{ checksum: string }>`
      select lsh._seal(${name}) as checksum`.execute(transaction.db)
    if (rows[0]?.checksum !== family.checksum) {
      throw new LshError('database', `family "${name}" did not arrive as it was sent`, {
        hint: 'Try again; if it happens once more, report it with the versions "pg-lsh doctor" prints.',
      })
    }
  })
}

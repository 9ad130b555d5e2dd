import type { Kysely } from 'kysely'
import { LshError } from '../core/errors.js'
import { assertFamily, type HashFamily } from '../hash/family.js'
import type { Database } from './database.js'

/**
 * A hash family with all its directions, checked against its checksum.
 *
 * @throws LshError `LSH01` when there is none of that name.
 */
export async function readFamily(db: Kysely<Database>, name: string): Promise<HashFamily> {
  const row = await db
    .selectFrom('lsh.family')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) {
    throw new LshError('LSH01', `hash family "${name}" does not exist`, {
      hint: 'Create it: "pg-lsh family create --space SPACE".',
    })
  }
  const projections = await db
    .selectFrom('lsh.projection')
    .selectAll()
    .where('family_id', '=', row.id)
    .orderBy('ordinal')
    .execute()
  const directions = (purpose: 'code' | 'bucket') => {
    const chosen = projections.filter((projection) => projection.purpose === purpose)
    const weight = new Float32Array(chosen.length * row.dims)
    chosen.forEach((projection, i) => weight.set(projection.weight, i * row.dims))
    return {
      weight,
      phase: Float64Array.from(chosen, (projection) => projection.phase),
      threshold: Float64Array.from(chosen, (projection) => projection.threshold),
    }
  }
  const { kind, dims, bits, seed, bandwidth, version, checksum, center } = row
  const { weight, threshold } = directions('bucket')
  const family: HashFamily = {
    name,
    kind,
    dims,
    bits,
    seed,
    bandwidth,
    version,
    checksum,
    center,
    code: directions('code'),
    bucket: { weight, threshold },
  }
  assertFamily(family)
  return family
}

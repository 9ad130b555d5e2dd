import { sql } from 'kysely'
import { assertText } from '../../core/arguments.js'
import { LshError } from '../../core/errors.js'
import { endToEnd } from '../../core/vector.js'
import { assertFamily } from '../../hash/assert-family.js'
import { type HashFamily, type Projection } from '../../hash/family.js'
import type { CodeDirections } from '../../hash/code-directions.js'
import type { Database, Queryable } from '../connection/database.js'
import { assertDatabase } from '../connection/handles.js'

type ProjectionValues = Omit<Projection, 'purpose' | 'ordinal'>
type StoredProjection = ProjectionValues & Pick<Projection, 'purpose'>

/**
 * Reads a hash family with its directions and cells, and verifies its checksum.
 *
 * @throws LshError `LSH01` if it does not exist, `bad_input` if its content does not match its checksum
 */
export async function readFamily(db: Queryable<Database>, name: string): Promise<HashFamily> {
  assertDatabase(db)
  assertText('the family', name, 'Name it: "select name from lsh.family" lists them.')
  // Plugins of the caller, such as withSchema, would rename the tables of these queries.
  const plain = db.withoutPlugins()
  const row = await plain
    .selectFrom('lsh.family')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) {
    throw new LshError('LSH01', `hash family "${name}" does not exist`, {
      hint: 'Create it: "pg-lsh family create --space SPACE".',
    })
  }
  const { rows: projections } = await sql<StoredProjection>`
    select * from lsh_internal.parameters(${row.id}, ${row.token})`.execute(plain)
  const ofPurpose = (purpose: Projection['purpose']) =>
    projections.filter((projection) => projection.purpose === purpose)
  const { kind, dims, bits, levels, seed, bandwidth, version, checksum, center } = row
  const family: HashFamily = {
    name,
    kind,
    dims,
    bits,
    levels,
    seed,
    bandwidth,
    version,
    checksum,
    center,
    code: codeDirections(ofPurpose('code')),
    bucket: buckets(row.bucket_kind, ofPurpose('bucket'), ofPurpose('group'), ofPurpose('image')),
  }
  assertFamily(family)
  return family
}

function codeDirections(rows: readonly ProjectionValues[]): CodeDirections {
  return {
    weight: weights(rows),
    phase: rows.every(({ phase }) => phase === null)
      ? null
      : Float64Array.from(rows, ({ phase }) => phase ?? 0),
    threshold: Float64Array.from(rows, ({ threshold }) => threshold),
    ...(rows.some(({ parent }) => parent !== null) && {
      top: Int32Array.from(rows, ({ parent }) => parent ?? 0),
    }),
  }
}

function buckets(
  kind: HashFamily['bucket']['kind'],
  rows: readonly ProjectionValues[],
  groups: readonly ProjectionValues[],
  images: readonly ProjectionValues[],
): HashFamily['bucket'] {
  const weight = weights(rows)
  if (kind !== 'voronoi') {
    return { kind, weight, threshold: Float64Array.from(rows, ({ threshold }) => threshold) }
  }
  const parent = Int32Array.from(rows, (row) => row.parent ?? 0)
  return {
    kind,
    weight,
    parent,
    groups: weights(groups),
    images: images.length > 0 ? weights(images) : null,
  }
}

function weights(rows: readonly ProjectionValues[]): Float32Array {
  return endToEnd(rows.map(({ weight }) => weight))
}

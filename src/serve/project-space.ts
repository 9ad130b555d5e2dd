import { sql } from 'kysely'
import { LshError } from '../core/errors.js'
import type { Store } from '../store/connection/connect.js'
import { readSpace } from '../store/spaces/read-space.js'
import { vectorText } from '../store/connection/types.js'
import { dot, principalAxes } from './principal-axes.js'

/** A point in the plane for each item of a space. */
export interface Projection {
  readonly items: readonly number[]
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** Share of the variance of the sample along each axis. */
  readonly explained: readonly number[]
  /** Number of vectors from which the axes were computed. */
  readonly sampled: number
  /** Number of vectors of the space that the role can see. */
  readonly total: number
}

/** Numbers in the sample: 4,000 vectors of 256 dimensions, whose first axes differ little from those of all. */
const SAMPLED_NUMBERS = 1 << 20
/** Most points of an answer. */
const MOST = 200_000

/**
 * Projects the vectors of a space on their first two principal components, computed from a sample. The database
 * multiplies, so that only two numbers per vector are transferred.
 *
 * @throws LshError `LSH01` for an unknown space, `LSH03` for fewer than three vectors
 */
export async function projectSpace(store: Store, space: string): Promise<Projection> {
  const { db } = store
  const { dims } = await readSpace(store, space)
  const table = sql.id('space', space)
  const { rows: sample } = await sql<{ embedding: Float32Array }>`
    select embedding
    from (
      select item_id, embedding from ${table}
      -- A choice that is the same each time, and of no order that items were loaded in.
      order by hashint4(item_id), item_id limit ${Math.max(100, Math.floor(SAMPLED_NUMBERS / dims))}::int
    ) as chosen
    order by item_id`.execute(db)
  if (sample.length < 3)
    throw new LshError('LSH03', `space "${space}" holds too few vectors for a map`, {
      hint: `Encode more: "pg-lsh encode --space ${space}".`,
    })
  const { mean, axes, explained } = principalAxes(
    sample.map(({ embedding }) => embedding),
    2,
  )
  const product = sql.raw(`${await schemaOfVector(store)}.inner_product`)
  const along = (axis: Float64Array | undefined) =>
    sql`${product}(embedding, ${vectorText(axis ?? new Float64Array(dims))})`
  const { rows } = await sql<{ items: number[]; x: number[]; y: number[]; total: number }>`
    select array_agg(item_id order by item_id) as items, array_agg(x order by item_id) as x,
      array_agg(y order by item_id) as y, (select count(*)::int from ${table}) as total
    from (
      select item_id, ${along(axes[0])} as x, ${along(axes[1])} as y
      from ${table}
      order by hashint4(item_id), item_id
      limit ${MOST}
    ) as point`.execute(db)
  const { items, x, y, total } = rows[0] as (typeof rows)[0]
  const centred = (values: readonly number[], axis: Float64Array | undefined) => {
    const middle = axis ? dot(axis, mean) : 0
    return values.map((value) => Math.round(1e4 * (value - middle)) / 1e4)
  }
  return {
    items,
    x: centred(x, axes[0]),
    y: centred(y, axes[1]),
    explained,
    sampled: sample.length,
    total,
  }
}

/** Quoted schema of pgvector. */
async function schemaOfVector({ db }: Store): Promise<string> {
  const { rows } = await sql<{ schema: string }>`
    select quote_ident(nspname) as schema
    from pg_catalog.pg_extension join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace
    where extname = 'vector'`.execute(db)
  return rows[0]?.schema ?? 'public'
}

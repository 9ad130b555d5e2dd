/** Searches of a torture run, each compared with its table in one snapshot. */
import type pg from 'pg'
import type { Random } from '../../src/core/random.js'
import type { World } from './world.js'

const STAGES = ['buckets', 'scan', 'exact', null] as const

/**
 * Runs a random search and compares it with the rows of the table in the same snapshot; returns the fault, or null.
 * A search must return k rows if there are k, nearest first, at their true distances; an exhaustive search must find
 * the true neighbours.
 */
export async function checkedSearch(
  client: pg.Client,
  world: World,
  source: Random,
): Promise<string | null> {
  const table = world.tables[source.integer(0, world.tables.length - 1)]!
  const stage = STAGES[source.integer(0, STAGES.length - 1)] ?? null
  const k = source.integer(1, 20)
  const least = source.integer(0, 9)
  const filtered = source.uniform() < 0.3
  const filter = filtered ? `{"note": {"gte": "${least}"}}` : null
  const exhaustive = stage === 'exact' || source.uniform() < 0.3
  const asked = source.integer(1, 300)
  await client.query('begin isolation level repeatable read read only')
  const { rows } = await client.query<{
    found: { key: string; distance: number }[]
    nearest: { key: string; distance: number }[]
  }>(
    `with asked as (select v from app.source where id = $1),
     found as (
       select found.key, found.distance, found.place
       from lsh.search($2, (select v from asked), k => $3, stage => $4, filter => $5::jsonb,
         candidates => ${exhaustive ? '100000' : 'null'}, probes => ${exhaustive ? '65536' : 'null'})
         with ordinality as found (key, distance, hamming, place)
     ),
     nearest as (
       select row.id::text as key, row.v operator(public.<->) asked.v as distance,
         row_number() over (order by row.v operator(public.<->) asked.v, row.id) as place
       from ${table.name} as row, asked
       where row.v is not null and ($5::jsonb is null or row.note >= $6)
     )
     select
       coalesce((select jsonb_agg(jsonb_build_object('key', key, 'distance', distance) order by place) from found), '[]') as found,
       coalesce((select jsonb_agg(jsonb_build_object('key', key, 'distance', distance) order by place) from nearest), '[]') as nearest`,
    [asked, table.index, k, stage, filter, String(least)],
  )
  await client.query('commit')
  const { found = [], nearest = [] } = rows[0] ?? {}
  const where = `${table.index}, stage ${stage ?? 'chosen'}, k ${k}, filter ${filter ?? 'none'}, asked ${asked}`
  const wanted = Math.min(k, nearest.length)
  if (found.length !== wanted) return `${where}: ${found.length} rows, not ${wanted}`
  const distances = new Map(nearest.map(({ key, distance }) => [key, distance]))
  for (const [i, { key, distance }] of found.entries()) {
    const truth = distances.get(key)
    if (truth === undefined) return `${where}: row ${key} is not there`
    if (Math.abs(truth - distance) > 1e-6)
      return `${where}: row ${key} at ${distance}, not ${truth}`
    if (i > 0 && distance < found[i - 1]!.distance) return `${where}: not in order`
  }
  const edge = nearest[wanted - 1]?.distance ?? 0
  if (exhaustive && found.some(({ distance }) => distance > edge + 1e-6))
    return `${where}: not the nearest`
  return null
}

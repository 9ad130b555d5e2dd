/** Tables of vectors for tests, and the results that searches of them should return. */
import { random } from '../../src/core/random.js'
import { vectorDistance } from '../../src/core/vector.js'
import { vectorText } from '../../src/store/connection/types.js'
import { rowsOf, type Asked } from './asking.js'

export interface LatticeOptions {
  rows: number
  dims: number
  seed: number
  /** Elements are 0 … span. (Default: 4) */
  span?: number
}

/** Vectors of small integers: their distances are exact on every engine, and many are equal. */
export function lattice({ rows, dims, seed, span = 4 }: LatticeOptions): Float32Array[] {
  const source = random(seed)
  return Array.from({ length: rows }, () =>
    Float32Array.from({ length: dims }, () => source.integer(0, span)),
  )
}

/** Creates a table `(id int primary key, note text, v vector)` with the vectors under the keys 1, 2, … */
export async function addTable(
  asked: Asked,
  name: string,
  vectors: readonly Float32Array[],
): Promise<void> {
  const dims = vectors[0]?.length ?? 4
  await rowsOf(asked, `create table ${name} (id int primary key, note text, v vector(${dims}))`)
  await rowsOf(
    asked,
    `insert into ${name} (id, v)
     select number, vector::vector from unnest($1::text[]) with ordinality as row (vector, number)`,
    [vectors.map(vectorText)],
  )
}

export interface HashOptions {
  bits?: number
  bucketBits?: number
  maintain?: 'trigger' | 'loader'
  probes?: number
  candidates?: number
  /** (Default: 'buckets'; the index would choose an exact scan for so small a table) */
  stage?: 'buckets' | 'scan' | 'exact' | null
  /** (Default: 'hamming', which tests can compute by brute force) */
  ranking?: 'hamming' | 'asymmetric' | 'estimate' | null
}

/** Creates a family and an index that have the name of the table. */
export async function hashTable(
  asked: Asked,
  name: string,
  options: HashOptions = {},
): Promise<void> {
  const { bits = 64, bucketBits = 3, maintain = 'trigger' } = options
  const { probes = null, candidates = 100, stage = 'buckets', ranking = 'hamming' } = options
  await rowsOf(
    asked,
    `select lsh.create_family('${name}', '${name}', 'v', bits => $1, bucket_bits => $2, kind => 'kernel')`,
    [bits, bucketBits],
  )
  await rowsOf(
    asked,
    `select lsh.create_index('${name}', 'v', '${name}', maintain => $1, probes => $2, candidates => $3)`,
    [maintain, probes, candidates],
  )
  await rowsOf(asked, `update lsh.index set stage = $2, ranking = $3 where name = $1`, [
    name,
    stage,
    ranking,
  ])
}

export interface Found {
  key: string
  distance: number
  hamming: number
}

/** Runs `lsh.search`; `options` are further arguments as SQL, such as `k => 3`. */
export function search(
  asked: Asked,
  index: string,
  query: ArrayLike<number>,
  options = '',
): Promise<Found[]> {
  const text = `select * from lsh.search($1, $2::text::vector${options && `, ${options}`})`
  return rowsOf<Found>(asked, text, [index, vectorText(query)])
}

/** Runs `lsh.search_exact`. */
export function searchExact(
  asked: Asked,
  index: string,
  query: ArrayLike<number>,
  options = '',
): Promise<Omit<Found, 'hamming'>[]> {
  const text = `select * from lsh.search_exact($1, $2::text::vector${options && `, ${options}`})`
  return rowsOf(asked, text, [index, vectorText(query)])
}

/** The k nearest vectors by brute force, ties by key; keys are 1, 2, … */
export function bruteForce(
  vectors: readonly Float32Array[],
  query: ArrayLike<number>,
  k: number,
  exclude: readonly number[] = [],
): { key: string; distance: number }[] {
  return vectors
    .map((vector, i) => ({ key: i + 1, distance: vectorDistance(vector, query) }))
    .filter(({ key }) => !exclude.includes(key))
    .sort((a, b) => a.distance - b.distance || a.key - b.key)
    .slice(0, k)
    .map(({ key, distance }) => ({ key: String(key), distance }))
}

/**
 * Differences between a code table and codes computed now, as `table: key`; empty where the two are
 * equal. `source` selects the columns `key` and `v` of the rows that should have a code.
 */
export async function codesOutOfStep(
  asked: Asked,
  index: string,
  source: string,
): Promise<string[]> {
  const rows = await rowsOf<{ difference: string }>(
    asked,
    `with stored as (select bucket, key, code, norm, scale from lsh_index.${index}),
     computed as (
       select hashed.bucket, key, hashed.code, hashed.norm, hashed.scale
       from (${source}) as source
         cross join (
           select family.id, family.token
           from lsh.family join lsh.index on index.family_id = family.id
           where index.name = '${index}'
         ) as chosen
         cross join lateral lsh_internal.hashed(chosen.id, chosen.token, v) as hashed
       where v is not null
     )
     select 'stale: ' || key as difference from (select * from stored except select * from computed) as stale
     union all
     select 'missing: ' || key from (select * from computed except select * from stored) as missing
     order by 1`,
  )
  return rows.map(({ difference }) => difference)
}

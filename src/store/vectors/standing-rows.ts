import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { VectorBlock, VectorKey } from '../../ingest/vectors/vector-block.js'
import type { Transaction } from '../connection/connect.js'
import type { VectorTable } from './vector-table.js'
import { codeTable } from '../codes/write-codes.js'

/**
 * Which of the keys of a block a table has, by their places; when they are to be replaced, their rows and codes go.
 *
 * @throws LshError `LSH02` for a vector that is to stay and has another length: its column was declared without one
 */
export async function standingRows(
  { db }: Transaction,
  { relation, key, keyType, vector, dims, indexes }: VectorTable,
  { keys, vectors }: VectorBlock,
  standing: 'keep' | 'replace',
): Promise<ReadonlySet<number>> {
  const column = sql.id(key)
  // Of other types the database alone knows the order.
  const span = ['integer', 'bigint'].includes(keyType) ? spanOf(keys) : null
  if (span) {
    // Rows that are appended, as most are: one look instead of one for each.
    const { rows } = await sql<{ taken: boolean }>`
      select exists (
        select 1 from ${sql.raw(relation)} as standing
        where standing.${column} between ${sql.lit(span.least)} and ${sql.lit(span.most)}) as taken`.execute(
      db,
    )
    if (rows[0]?.taken === false) return new Set()
  }
  const list = sql`${keys.map(String)}::text[]::${sql.raw(keyType)}[]`
  // A column that was declared with a length has been compared with the file.
  const length =
    dims === null && standing === 'keep'
      ? sql`cardinality(standing.${sql.id(vector)}::real[])`
      : sql`null::int`
  const { rows } = await sql<{ place: number; length: number | null }>`
    select given.place::int - 1 as place, ${length} as length
    from unnest(${list}) with ordinality as given (key, place)
      join ${sql.raw(relation)} as standing on standing.${column} = given.key`.execute(db)
  const given = vectors.length / keys.length
  const other = rows.find((row) => row.length !== null && row.length !== given)
  if (other)
    throw new LshError(
      'LSH02',
      `the file has ${given} dimensions, but vectors with the same keys in ${relation} have ${other.length}`,
      { hint: 'Load features of the same encoder, or replace those that are there: --replace.' },
    )
  if (standing === 'replace' && rows.length > 0) {
    // Triggers would do it of their indexes alone.
    for (const { name } of indexes)
      await sql`delete from ${sql.raw(codeTable(name))} where key = any(${list})`.execute(db)
    await sql`delete from ${sql.raw(relation)} where ${column} = any(${list})`.execute(db)
  }
  return new Set(rows.map(({ place }) => place))
}

/** The least and the largest of keys that are numbers. */
function spanOf(keys: readonly VectorKey[]): { least: bigint; most: bigint } | null {
  if (keys.length === 0 || keys.some((key) => typeof key === 'string')) return null
  const numbers = keys as readonly (number | bigint)[]
  return {
    least: BigInt(numbers.reduce((least, key) => (key < least ? key : least))),
    most: BigInt(numbers.reduce((most, key) => (key > most ? key : most))),
  }
}

/** A block without some of its rows. */
export function withoutRows(block: VectorBlock, left: ReadonlySet<number>): VectorBlock {
  if (left.size === 0) return block
  const { keys, vectors, codes } = block
  const kept = [...keys.keys()].filter((row) => !left.has(row))
  const some = <T extends Float32Array | Int32Array | Uint8Array>(values: T, width: number): T => {
    const out = values.slice(0, kept.length * width) as T
    kept.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width))
    return out
  }
  return {
    keys: kept.map((row) => keys[row] as VectorKey),
    vectors: some(vectors, vectors.length / keys.length),
    codes: codes && {
      bits: codes.bits,
      buckets: some(codes.buckets, 1),
      codes: some(codes.codes, Math.ceil(codes.bits / 8)),
      norms: codes.norms && some(codes.norms, 1),
      scales: codes.scales && some(codes.scales, 1),
    },
  }
}

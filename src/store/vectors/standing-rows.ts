import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { VectorBlock, VectorKey } from '../../ingest/vectors/vector-block.js'
import type { Transaction } from '../connection/connect.js'
import type { VectorTable } from './vector-table.js'
import { codeTable } from '../codes/write-codes.js'

/**
 * Finds the standing rows of a block: those whose keys are already in the table. Returns their places in the block.
 * With 'replace', it deletes the rows of the table that have these keys, and their codes.
 *
 * @throws LshError `LSH02` if a row to keep has a vector of another dimension, which is possible if the column was
 *   declared without one
 */
export async function standingRows(
  { db }: Transaction,
  { relation, key, keyType, vector, dims, indexes }: VectorTable,
  { keys, vectors }: VectorBlock,
  standing: 'keep' | 'replace',
): Promise<ReadonlySet<number>> {
  const column = sql.id(key)
  // Only the database knows the order of other types.
  const range = ['integer', 'bigint'].includes(keyType) ? rangeOf(keys) : null
  if (range) {
    // Most files append rows: one query of the range replaces a look-up of each key.
    const { rows } = await sql<{ taken: boolean }>`
      select exists (
        select 1 from ${sql.raw(relation)} as standing
        where standing.${column} between ${sql.lit(range.least)} and ${sql.lit(range.most)}) as taken`.execute(
      db,
    )
    if (rows[0]?.taken === false) return new Set()
  }
  const list = sql`${keys.map(String)}::text[]::${sql.raw(keyType)}[]`
  // If the column was declared with a dimension, it has already been compared with the file.
  const storedDims =
    dims === null && standing === 'keep'
      ? sql`cardinality(standing.${sql.id(vector)}::real[])`
      : sql`null::int`
  const { rows } = await sql<{ place: number; dims: number | null }>`
    select block.place::int - 1 as place, ${storedDims} as dims
    from unnest(${list}) with ordinality as block (key, place)
      join ${sql.raw(relation)} as standing on standing.${column} = block.key`.execute(db)
  const fileDims = vectors.length / keys.length
  const mismatch = rows.find((row) => row.dims !== null && row.dims !== fileDims)
  if (mismatch)
    throw new LshError(
      'LSH02',
      `the file has ${fileDims} dimensions, but vectors with the same keys in ${relation} have ${mismatch.dims}`,
      { hint: 'Load features of the same encoder, or replace the existing rows with --replace.' },
    )
  if (standing === 'replace' && rows.length > 0) {
    // Triggers would delete the codes of their own indexes, but not those of indexes that the loader maintains.
    for (const { name } of indexes)
      await sql`delete from ${sql.raw(codeTable(name))} where key = any(${list})`.execute(db)
    await sql`delete from ${sql.raw(relation)} where ${column} = any(${list})`.execute(db)
  }
  return new Set(rows.map(({ place }) => place))
}

/** The smallest and largest key; null without keys, or if a key is a string. */
function rangeOf(keys: readonly VectorKey[]): { least: bigint; most: bigint } | null {
  if (keys.length === 0 || keys.some((key) => typeof key === 'string')) return null
  const numbers = keys as readonly (number | bigint)[]
  return {
    least: BigInt(numbers.reduce((least, key) => (key < least ? key : least))),
    most: BigInt(numbers.reduce((most, key) => (key > most ? key : most))),
  }
}

/** Returns a block without the rows at the given places. */
export function withoutRows(block: VectorBlock, omitted: ReadonlySet<number>): VectorBlock {
  if (omitted.size === 0) return block
  const { keys, vectors, codes } = block
  const kept = [...keys.keys()].filter((row) => !omitted.has(row))
  const keptOf = <T extends Float32Array | Int32Array | Uint8Array>(
    values: T,
    width: number,
  ): T => {
    const out = values.slice(0, kept.length * width) as T
    kept.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width))
    return out
  }
  return {
    keys: kept.map((row) => keys[row] as VectorKey),
    vectors: keptOf(vectors, vectors.length / keys.length),
    codes: codes && {
      bits: codes.bits,
      buckets: keptOf(codes.buckets, 1),
      codes: keptOf(codes.codes, Math.ceil(codes.bits / 8)),
      norms: codes.norms && keptOf(codes.norms, 1),
      scales: codes.scales && keptOf(codes.scales, 1),
    },
  }
}

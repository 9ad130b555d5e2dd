import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { LshError } from '../../core/errors.js'
import { assertGroups, boundedCompressors, mostPageBytes, unpackedBytes } from './parquet-limits.js'
import type { VectorBlock, VectorKey } from './vector-block.js'
import { blockOfRows, keysOfRows, type RowNames } from './vector-rows.js'

/** Optional columns in addition to key and vector. */
const CODE_NAMES = ['code', 'bucket', 'norm', 'scale']

/** A Parquet file, which is read one row group at a time. */
export interface ParquetGroups {
  readonly rows: number
  /** Bytes that each group takes in memory at least. */
  readonly sizes: readonly number[]
  /** Reads a group; null if it has no rows. */
  block(group: number): Promise<VectorBlock | null>
  /** Reads the keys of a group alone. */
  keys(group: number): Promise<readonly VectorKey[]>
}

/**
 * Opens a Parquet file.
 *
 * @throws LshError `bad_input` for a file that is damaged, lacks a column, or has row groups that are too large
 */
export async function openGroups(path: string, names: RowNames): Promise<ParquetGroups> {
  const refused = (cause: unknown) =>
    new LshError('bad_input', `${path} cannot be read as Parquet: ${(cause as Error).message}`, {
      hint: 'Check that it is a whole Parquet file, compressed by Snappy, zstd, gzip, brotli, LZ4 or not at all.',
      cause,
    })
  const file = await asyncBufferFromFile(path).catch((cause: unknown) => {
    throw refused(cause)
  })
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw refused(cause)
  })
  const present = parquetSchema(metadata).children.map(({ element }) => element.name)
  for (const name of [names.key, names.vector])
    if (!present.includes(name))
      throw new LshError('bad_input', `${path} has no column "${name}"`, {
        hint: `It has ${present.join(', ')}: name them with --file-key and --file-vector.`,
      })
  const columns = [names.key, names.vector, ...CODE_NAMES.filter((name) => present.includes(name))]
  assertGroups(path, metadata.row_groups)
  const unpacking = boundedCompressors(compressors, mostPageBytes(metadata))
  let rows = 0
  const ends = metadata.row_groups.map(({ num_rows }) => (rows += Number(num_rows)))
  const first = (group: number) => ends[group - 1] ?? 0
  const placeOf = (group: number) => (i: number) => `${path} row ${first(group) + 1 + i}`

  function read(group: number, columns: string[]) {
    return parquetReadObjects({
      file,
      metadata,
      columns,
      compressors: unpacking,
      rowStart: first(group),
      rowEnd: ends[group] as number,
    }).catch((cause: unknown) => {
      throw refused(cause)
    })
  }

  return {
    rows: Number(metadata.num_rows),
    sizes: metadata.row_groups.map(unpackedBytes),
    block: async (group) => {
      const rows = await read(group, columns)
      return rows.length > 0 ? blockOfRows(rows, names, placeOf(group)) : null
    },
    keys: async (group) => keysOfRows(await read(group, [names.key]), names, placeOf(group)),
  }
}

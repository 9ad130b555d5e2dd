import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type Compressors,
  type FileMetaData,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { LshError } from '../../core/errors.js'
import type { VectorFile } from './vector-block.js'
import { blockOfRows, type RowNames } from './vector-rows.js'

/** Optional columns in addition to key and vector. */
const CODE_NAMES = ['code', 'bucket', 'norm', 'scale']
/** Most bytes of a row group, which is held in memory as a whole. */
const GROUP_BYTES = 2 ** 31
/**
 * Most rows of a row group, and most numbers: as many as its bytes hold; a run of equal values takes only a few bytes.
 */
const GROUP_ROWS = 2 ** 24
const GROUP_NUMBERS = GROUP_BYTES / 4

/**
 * Refuses a row group that would not fit in memory, by its metadata.
 *
 * @throws LshError `bad_input`
 */
export function assertGroups(
  path: string,
  groups: readonly Pick<
    FileMetaData['row_groups'][number],
    'total_byte_size' | 'num_rows' | 'columns'
  >[],
): void {
  for (const [i, { total_byte_size, num_rows, columns }] of groups.entries()) {
    const numbers = Math.max(
      0,
      ...columns.map(({ meta_data }) => Number(meta_data?.num_values ?? 0)),
    )
    for (const [found, most, what] of [
      [Number(total_byte_size), GROUP_BYTES, 'bytes'],
      [Number(num_rows), GROUP_ROWS, 'rows'],
      [numbers, GROUP_NUMBERS, 'numbers in a column'],
    ] as const)
      if (found > most)
        throw new LshError('bad_input', `${path} has ${found} ${what} in row group ${i + 1}`, {
          hint: 'At most 2 GiB are read at once: write smaller row groups, "row_group_size=100_000".',
        })
  }
}

/** Decompressors that limit the size of a page to that of a row group, because its header may claim any size. */
export function boundedCompressors(all: Compressors, most: number): Compressors {
  const bounded: Compressors = {}
  for (const [codec, unpack] of Object.entries(all))
    bounded[codec as keyof Compressors] = (bytes, size) => {
      if (size > most) throw new Error(`a page of ${size} bytes is longer than its row group`)
      return unpack(bytes, size)
    }
  return bounded
}

function rowsFrom(path: string, first: number): (i: number) => string {
  return (i) => `${path} row ${first + i}`
}

/** Opens a Parquet file, which is read one row group at a time. */
export async function parquetBlocks(
  path: string,
  names: RowNames,
): Promise<Omit<VectorFile, 'dims'>> {
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
  // Some writers state the compressed size of a group, or omit the headers of pages.
  const sizes = metadata.row_groups.flatMap(({ total_byte_size, columns }) => [
    Number(total_byte_size),
    ...columns.map(({ meta_data }) => Number(meta_data?.total_uncompressed_size ?? 0)),
  ])
  const most = Math.min(GROUP_BYTES, sizes.reduce((a, b) => Math.max(a, b), 0) + 65536)
  const unpacking = boundedCompressors(compressors, most)
  return {
    rows: Number(metadata.num_rows),
    async *blocks() {
      let first = 0
      for (const group of metadata.row_groups) {
        const end = first + Number(group.num_rows)
        const rows = await parquetReadObjects({
          file,
          metadata,
          columns,
          compressors: unpacking,
          rowStart: first,
          rowEnd: end,
        }).catch((cause: unknown) => {
          throw refused(cause)
        })
        if (rows.length > 0) yield blockOfRows(rows, names, rowsFrom(path, first + 1))
        first = end
      }
    },
  }
}

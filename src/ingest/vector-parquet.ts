import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { LshError } from '../core/errors.js'
import type { VectorFile } from './vector-block.js'
import { blockOfRows, type RowNames } from './vector-rows.js'

/** What may stand beside key and vector. */
const CODE_NAMES = ['code', 'bucket', 'norm', 'scale']
/** Bytes of a row group, which is held in memory as a whole. */
const GROUP_BYTES = 2 ** 31

function rowsFrom(path: string, first: number): (i: number) => string {
  return (i) => `${path} row ${first + i}`
}

/** Opens a Parquet file, which is read one row group after the other. */
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
  for (const [i, { total_byte_size }] of metadata.row_groups.entries())
    if (Number(total_byte_size) > GROUP_BYTES)
      throw new LshError(
        'bad_input',
        `${path} has ${total_byte_size} bytes in row group ${i + 1}`,
        {
          hint: 'At most 2 GiB are read at once: write smaller row groups, "row_group_size=100_000".',
        },
      )
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
          compressors,
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

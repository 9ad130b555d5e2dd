import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { LshError } from '../core/errors.js'
import type { VectorFile } from './vector-block.js'
import { blockOfRows, type RowNames } from './vector-rows.js'

/** What may stand beside key and vector. */
const CODE_NAMES = ['code', 'bucket', 'norm', 'scale']

/** Opens a Parquet file, which is read one row group after the other. */
export async function parquetBlocks(
  path: string,
  names: RowNames,
): Promise<Omit<VectorFile, 'dims'>> {
  const refused = (cause: unknown) =>
    new LshError('bad_input', `${path} cannot be read as Parquet: ${(cause as Error).message}`, {
      hint: 'Check that it is a whole Parquet file, its columns uncompressed or compressed by Snappy.',
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
          rowStart: first,
          rowEnd: end,
        }).catch((cause: unknown) => {
          throw refused(cause)
        })
        if (rows.length > 0) yield blockOfRows(rows, names, { path, first: first + 1 })
        first = end
      }
    },
  }
}

import { extname } from 'node:path'
import { LshError } from '../../core/errors.js'
import { openNpy, type NpyCompanions } from './npy.js'
import type { VectorFile } from './vector-block.js'
import { ndjsonBlocks } from './vector-ndjson.js'
import { parquetFile } from './vector-parquet.js'

export interface OpenVectorsOptions extends NpyCompanions {
  /** Name of the keys in the file. (Default: 'key') */
  key?: string
  /** Name of the vectors in the file. (Default: 'embedding') */
  vector?: string
}

/**
 * Opens a file of features by its extension: .npy (a matrix of numbers), .parquet, .ndjson or .jsonl. Parquet and
 * NDJSON hold a key and a vector per row, and may hold codes: code, bucket, norm, scale.
 *
 * @throws LshError `bad_input` for other files.
 */
export async function openVectors(
  path: string,
  options: OpenVectorsOptions = {},
): Promise<VectorFile> {
  const names = { key: options.key ?? 'key', vector: options.vector ?? 'embedding' }
  const kind = extname(path).toLowerCase()
  if (kind === '.npy') return { ...(await openNpy(path, options)), name: path }
  if ([options.keys, options.codes, options.buckets].some((file) => file !== undefined))
    throw new LshError('bad_usage', `${path} has keys and codes in its own columns`, {
      hint: '--keys, --code-file and --bucket-file go with an npy file: leave them out.',
    })
  switch (kind) {
    case '.parquet':
      return rowFile(await parquetFile(path, names), path)
    case '.ndjson':
    case '.jsonl':
      return rowFile({ rows: null, blocks: () => ndjsonBlocks(path, names) }, path)
  }
  throw new LshError('bad_input', `${path} is not a .npy, .parquet, .ndjson or .jsonl file`, {
    hint: 'Write features in one of these formats, and let the name of the file end accordingly.',
  })
}

/** The dimension is that of the first rows. */
async function rowFile(file: Omit<VectorFile, 'dims'>, path: string): Promise<VectorFile> {
  const blocks = file.blocks()
  const first = await blocks.next()
  await blocks.return()
  if (first.value)
    return { ...file, name: path, dims: first.value.vectors.length / first.value.keys.length }
  throw new LshError('bad_input', `${path} holds no rows`, { hint: 'Give a file with features.' })
}

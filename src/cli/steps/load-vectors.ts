import type { VectorFile } from '../../ingest/vectors/vector-block.js'
import { openVectors, type OpenVectorsOptions } from '../../ingest/vectors/vector-file.js'
import type { Store } from '../../store/connection/connect.js'
import { withRetry } from '../../store/connection/retry.js'
import { createVectorTable } from '../../store/vectors/vector-table.js'
import { loadVectors as load, type LoadedVectors } from '../../store/vectors/load-vectors.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'
import { retryOptions } from '../retry-options.js'

export interface LoadVectorsStepOptions {
  table: string
  /** Creates the table if it does not exist. (Default: false) */
  create?: boolean
  /** Replaces rows whose keys are in the table. (Default: false) */
  replace?: boolean
  keyColumn?: string
  vectorColumn?: string
  /** Names in the file. (Default: those of the columns, else key and embedding) */
  fileKey?: string
  fileVector?: string
  /** Files that accompany an npy file. (Default: none) */
  keys?: string
  codeFile?: string
  bucketFile?: string
  codes: 'take' | 'ignore'
  retry?: number
}

/** Loads a file of features into a table, with progress. */
export async function loadVectors(
  context: Context,
  store: Store,
  path: string,
  options: LoadVectorsStepOptions,
): Promise<LoadedVectors> {
  const { table, keyColumn, vectorColumn, codes } = options
  const file = await openVectors(path, namesOf(options))
  const retry = retryOptions(context, options)
  if (options.create) {
    const columns = {
      key: keyColumn ?? 'id',
      keyType: await keyTypeIn(file),
      vector: vectorColumn ?? 'embedding',
      dims: file.dims,
    }
    await withRetry(store, () => createVectorTable(store, table, columns), retry)
    await withRetry(store, () => store.learnTypes(), retry)
  }
  const progress = startProgress(context.output, `load vectors into ${table}`, file.rows)
  try {
    return await load(store, table, file, {
      ...retry,
      standing: options.replace ? 'replace' : 'keep',
      codes: codes === 'take',
      ...(keyColumn !== undefined && { key: keyColumn }),
      ...(vectorColumn !== undefined && { vector: vectorColumn }),
      onProgress: (rows) => progress.advance(rows),
    })
  } finally {
    progress.finish()
  }
}

function namesOf(options: LoadVectorsStepOptions): OpenVectorsOptions {
  const key = options.fileKey ?? options.keyColumn
  const vector = options.fileVector ?? options.vectorColumn
  return {
    ...(key !== undefined && { key }),
    ...(vector !== undefined && { vector }),
    ...(options.keys !== undefined && { keys: options.keys }),
    ...(options.codeFile !== undefined && { codes: options.codeFile }),
    ...(options.bucketFile !== undefined && { buckets: options.bucketFile }),
  }
}

/** The column type for keys like those of the first rows of a file. */
async function keyTypeIn(file: VectorFile): Promise<'bigint' | 'text'> {
  const blocks = file.blocks()
  const first = await blocks.next()
  await blocks.return()
  return first.value?.keys.some((key) => typeof key === 'string') ? 'text' : 'bigint'
}

import { sql } from 'kysely'
import { openRowWriter, type RowFormat } from '../../ingest/files/row-writer.js'
import type { Store } from '../connection/connect.js'
import { assertDataset } from './patients.js'
import { planSources, spaceSources } from './export-sources.js'

export interface ExportOptions {
  /** Spaces whose features and codes are written. */
  spaces: readonly string[]
  format: RowFormat
  /** Existing folder for the files. */
  folder: string
  /** Called after each part with the number of rows that were written and the name of the file. (Default: none) */
  onProgress?: (rows: number, file: string) => void
  /** Stops between two parts; unfinished files are removed. (Default: none) */
  signal?: AbortSignal
}

export interface ExportedFile {
  readonly path: string
  readonly rows: number
}

/** Rows that are read and written at once. */
const PART = 2048

/**
 * Writes a data set into files, from one snapshot: plans, structures, slices, and for each space a file of its features
 * with the codes of its index, which `loadVectors` can load again.
 *
 * @throws LshError `LSH01` for an unknown data set or space.
 */
export async function exportDataset(
  store: Store,
  dataset: string,
  options: ExportOptions,
): Promise<ExportedFile[]> {
  const { format, folder, onProgress, signal } = options
  return store.transaction(async (transaction) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(transaction.db)
    await assertDataset(transaction, dataset)
    const files: ExportedFile[] = []
    for (const source of [
      ...planSources(dataset),
      ...(await spaceSources(transaction, dataset, options.spaces)),
    ]) {
      const writer = openRowWriter(`${folder}/${source.name}`, source.columns, format)
      let [after, count] = [-1, 0]
      try {
        for (;;) {
          signal?.throwIfAborted()
          const { rows } = await source.rows(after, PART).execute(transaction.db)
          await writer.write(rows)
          const last = rows.at(-1)
          if (!last) break
          after = last.cursor
          count += rows.length
          onProgress?.(rows.length, source.name)
        }
        await writer.finish()
      } finally {
        await writer.abandon()
      }
      files.push({ path: writer.path, rows: count })
    }
    return files
  })
}

/** Number of rows that an export of these spaces writes. */
export async function exportSize(
  store: Store,
  dataset: string,
  spaces: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ plans: number; structures: number; slices: number }>`
    select count(*)::int as plans,
      coalesce(sum((select count(*) from cbir.structure where structure.plan_id = plan.id)), 0)::int as structures,
      coalesce(sum((select count(*) from cbir.slice where slice.plan_id = plan.id)), 0)::int as slices
    from cbir.plan join cbir.patient on patient.id = plan.patient_id
    where dataset = ${dataset}`.execute(store.db)
  const { plans = 0, structures = 0, slices = 0 } = rows[0] ?? {}
  return plans + structures + slices * (1 + spaces.length)
}

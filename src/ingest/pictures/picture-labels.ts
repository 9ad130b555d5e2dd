import { readFile } from 'node:fs/promises'
import { LshError } from '../../core/errors.js'
import { fromFileError } from '../../core/file-errors.js'
import type { PictureFacts } from '../../core/picture.js'
import type { Split } from '../../core/plan.js'
import { parseCsv } from '../files/csv.js'

/** Facts about pictures from a table, by file. */
export type PictureLabels = ReadonlyMap<string, Partial<Omit<PictureFacts, 'sourceKey'>>>

export interface PictureLabelsOptions {
  /** Column that names the source of a picture. (Default: the first of source_tile, source, patient that exists) */
  source?: string
}

const FILE_COLUMNS = ['file', 'filename', 'path', 'image']
const SOURCE_COLUMNS = ['source_tile', 'source', 'patient']
const SPLITS: Record<string, Split> = { train: 'train', test: 'test' }

/**
 * Reads a table of labels: a column `file` with paths relative to the folder and optional columns `label`, `split`
 * (train or test) and the source. All other columns become attributes.
 *
 * @throws LshError `bad_input` if the table is invalid or names a file twice
 */
export async function readPictureLabels(
  path: string,
  options: PictureLabelsOptions = {},
): Promise<PictureLabels> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fromFileError(error)
  })
  const rows = parseCsv(text, path)
  const columns = Object.keys(rows[0] ?? {})
  const file = FILE_COLUMNS.find((name) => columns.includes(name))
  if (file === undefined)
    throw new LshError('bad_input', `${path} has no column "file" with a row under it`, {
      hint: `Name the column of the paths "file"; there are: ${columns.join(', ') || 'none'}.`,
    })
  const { source = SOURCE_COLUMNS.find((name) => columns.includes(name)) } = options
  if (source !== undefined && !columns.includes(source))
    throw new LshError('bad_usage', `${path} has no column "${source}"`, {
      hint: `Use one of: ${columns.join(', ')}.`,
    })
  const labels = new Map<string, Partial<Omit<PictureFacts, 'sourceKey'>>>()
  for (const row of rows) {
    const { [file]: name = '', label = '', split = '', ...rest } = row
    const key = name.replaceAll('\\', '/').replace(/^\.\//, '')
    if (labels.has(key))
      throw new LshError('bad_input', `${path} has two rows for the same file`, {
        hint: 'Leave one row for each file.',
      })
    const of = source === undefined ? '' : (row[source] ?? '')
    labels.set(key, {
      ...(label !== '' && { label }),
      ...(SPLITS[split] && { split: SPLITS[split] }),
      ...(of !== '' && { source: of }),
      attributes: Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '')),
    })
  }
  return labels
}

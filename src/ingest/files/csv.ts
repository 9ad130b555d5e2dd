import { LshError } from '../../core/errors.js'

/**
 * Rows of a CSV file as records, with the names of its first line as keys (RFC 4180, with any line ends; empty lines
 * are skipped).
 *
 * @throws LshError `bad_input` for an unclosed quote, or a row with more cells than names
 */
export function parseCsv(text: string, name: string): Record<string, string>[] {
  const [head, ...rows] = cellsOf(text.replace(/^\uFEFF/, ''), name)
  if (!head) return []
  return rows.map((cells, i) => {
    if (cells.length > head.length)
      throw broken(`${name}, record ${i + 2}: ${cells.length} cells under ${head.length} names`)
    return Object.fromEntries(head.map((column, at) => [column.trim(), cells[at] ?? '']))
  })
}

function cellsOf(text: string, name: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  // A cell, quoted or not, with its delimiter.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/gy
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex
    const found = cell.exec(text)
    if (!found) throw broken(`${name}, record ${rows.length + 1}: a quote is not closed`)
    const [, quoted, plain, end] = found
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === ',' && cell.lastIndex < text.length) continue
    if (end === ',') row.push('')
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
    if (cell.lastIndex === at) break
  }
  return rows
}

function broken(message: string): LshError {
  return new LshError('bad_input', message, {
    hint: 'Write a line of names and a line for each file, cells with commas or quotes in double quotes.',
  })
}

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { LshError } from '../core/errors.js'
import type { VectorBlock } from './vector-block.js'
import { blockOfRows, type RowNames, type VectorRow } from './vector-rows.js'

/** Rows that are handed on at once: as objects they take several times the memory of their vectors. */
const ROWS = 2048

/** Reads a file with one JSON object a line. */
export async function* ndjsonBlocks(
  path: string,
  names: RowNames,
): AsyncGenerator<VectorBlock, void, undefined> {
  const stream = createReadStream(path)
  let rows: VectorRow[] = []
  let line = 0
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      line++
      if (text === '') continue
      rows.push(parseRow(text, `${path} line ${line}`))
      if (rows.length < ROWS) continue
      yield blockOfRows(rows, names, { path, first: line - rows.length + 1 })
      rows = []
    }
  } catch (cause) {
    if (cause instanceof LshError) throw cause
    throw new LshError('bad_input', `${path} cannot be read`, {
      hint: 'Check that it is a file and that you may read it.',
      cause,
    })
  } finally {
    stream.destroy()
  }
  if (rows.length > 0) yield blockOfRows(rows, names, { path, first: line - rows.length + 1 })
}

function parseRow(text: string, place: string): VectorRow {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The message of the parser would quote the line.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as VectorRow
  throw new LshError('bad_input', `${place} is no JSON object`, {
    hint: 'Write one object a line; a file that ends in the middle of a line was cut off.',
  })
}

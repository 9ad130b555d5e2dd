import { createReadStream } from 'node:fs'
import { LshError } from '../../core/errors.js'
import { NUMBER_REMEDY } from '../files/checked-numbers.js'
import type { VectorBlock } from './vector-block.js'
import { blockOfRows, type RowNames, type VectorRow } from './vector-rows.js'

/** Rows per block: as objects they take several times the memory of their vectors. */
const ROWS = 2048
/** Characters of lines per block, for long vectors. */
const BLOCK = 16 << 20
/** Most characters of a line: a vector of 16,000 numbers, the limit of pgvector, has fewer than half a million. */
const LINE = 4 << 20

/** Reads a file with one JSON object per line. */
export async function* ndjsonBlocks(
  path: string,
  names: RowNames,
): AsyncGenerator<VectorBlock, void, undefined> {
  let rows: VectorRow[] = []
  let numbers: number[] = []
  let line = 0
  let characters = 0
  const block = () => {
    const lines = numbers
    const read = blockOfRows(rows, names, (i) => `${path} line ${lines[i]}`)
    rows = []
    numbers = []
    characters = 0
    return read
  }
  try {
    for await (const text of linesOf(path)) {
      line++
      if (text.trim() === '') continue
      rows.push(parseRow(text, `${path} line ${line}`))
      numbers.push(line)
      characters += text.length
      if (rows.length === ROWS || characters > BLOCK) yield block()
    }
  } catch (cause) {
    if (cause instanceof LshError) throw cause
    throw new LshError('bad_input', `${path} cannot be read`, {
      hint: 'Check that it is a file and that you may read it.',
      cause,
    })
  }
  if (rows.length > 0) yield block()
}

/** The lines of a file, without a byte order mark. */
async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  const stream = createReadStream(path, { encoding: 'utf8' })
  let rest = ''
  let line = 1
  let begun = false
  try {
    for await (const piece of stream as AsyncIterable<string>) {
      const lines = (rest + (begun ? piece : piece.replace(/^\ufeff/, ''))).split('\n')
      begun = true
      rest = lines.pop() ?? ''
      yield* lines
      line += lines.length
      if (rest.length > LINE)
        throw new LshError('bad_input', `${path} line ${line} is longer than ${LINE >> 20} MB`, {
          hint: 'Write one object a line, not an array of them: "jq -c .[]" makes lines of it.',
        })
    }
    if (rest !== '') yield rest
  } finally {
    stream.destroy()
  }
}

function parseRow(text: string, place: string): VectorRow {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message would quote the line.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as VectorRow
  const strange = /(?<=[[:,\s])(?:NaN|[-+]?Infinity|[-+]?inf)(?=[\],}\s])/.exec(text)?.[0]
  if (value === undefined && strange !== undefined)
    throw new LshError('bad_input', `${place} holds ${strange}, which JSON cannot represent`, {
      hint: NUMBER_REMEDY,
    })
  throw new LshError('bad_input', `${place} is not a JSON object`, {
    hint: 'Write one object a line; a file that ends in the middle of a line was cut off.',
  })
}

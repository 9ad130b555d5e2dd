import { LshError } from '../../core/errors.js'

const mark = 'ï»¿'
const numberPattern = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
/** An exponent of two digits at the end, as numpy writes it: the number is not truncated. */
const wholeNumber = /e[+-]\d\d$/i

/**
 * Reads the size of a voxel along each axis in mm, from text with one character per byte: three lines as in the
 * challenge, one line of three numbers, or lines after the header `,data` with 0, 1 and 2 as their first column.
 *
 * @throws LshError `bad_input`, naming the line
 */
export function parseVoxelMm(text: string, label: string): readonly [number, number, number] {
  const lines = text
    .replace(mark, '')
    .replace(/(\r?\n)+$/, '\n')
    .split(/\r?\n/)
  const refuse = (line: number, problem: string): never => {
    throw new LshError('bad_input', `${label} line ${line}: ${problem}`, {
      hint: 'Write three lines with the size of a voxel in mm: row, column, slice, for example 3.906, 3.906, 2.5, with decimal points and a line feed at the end.',
    })
  }
  if (/^(ÿþ|þÿ)/.test(text)) refuse(1, 'file is in UTF-16, not in UTF-8')
  if (lines.at(-1) === '') lines.pop()
  else if (!wholeNumber.test(lines.at(-1) ?? ''))
    refuse(lines.length, 'file is cut off, no line feed at its end')
  const [row, column, slice] = numbersIn(lines, refuse).map(({ line, text: said }) => {
    const value = Number(said)
    if (!numberPattern.test(said) || !Number.isFinite(value) || value <= 0)
      refuse(line, `"${said}" is not a positive number of mm`)
    return value
  })
  return [row as number, column as number, slice as number]
}

interface Said {
  readonly line: number
  readonly text: string
}

/** The texts of three numbers, in any of these forms. */
function numbersIn(
  lines: readonly string[],
  refuse: (line: number, problem: string) => never,
): readonly Said[] {
  const [first = ''] = lines
  const named = /^"?\w*"?,"?\w*[a-z]\w*"?$/i.test(first)
  if (named) {
    if (lines.length !== 4) refuse(lines.length + 1, `has ${lines.length - 1} lines, not 3`)
    return lines.slice(1).map((line, at) => {
      if (!line.startsWith(`${at},`)) refuse(at + 2, `"${line}" does not begin with "${at},"`)
      return { line: at + 2, text: line.slice(2).trim() }
    })
  }
  if (lines.length === 1) {
    const parts = first.trim().split(/ *[,;\t] *| +/)
    if (parts.length !== 3) refuse(1, `has ${parts.length} numbers, not 3`)
    return parts.map((text) => ({ line: 1, text }))
  }
  if (lines.length !== 3) refuse(lines.length + 1, `has ${lines.length} lines, not 3`)
  return lines.map((line, at) => ({ line: at + 1, text: line.trim() }))
}

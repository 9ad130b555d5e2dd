import { LshError } from '../../core/errors.js'

const newline = 10
const carriageReturn = 13
const comma = 44
const point = 46
const zero = 48
/** Longer than any number; keeps a file without line ends from being collected in memory. */
const longestLine = 200
const header = ',data'
/** As spreadsheets and other programs write it again: the column of numbers may have a name, and quotes. */
const headerPattern = /^("[a-z_: 0-9]*"|[a-z_][a-z_: 0-9]*)?,("data"|data)$/i
/** Bytes that tell an encoding at the start of a file. */
const utf8Mark = 'ï»¿'
const utf16Marks = ['ÿþ', 'þÿ']
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const indexPattern = /^(\d+)(?:\.(\d*))?(?:e\+?(\d+))?$/i
const powersOfTen = Float64Array.from({ length: 16 }, (_, i) => 10 ** i)

/** Where a sparse file goes. */
export interface SparseTarget {
  /** How messages name the file: `train-pats/pt_3/ct.csv`. */
  readonly label: string
  /** Gets a 1 for each voxel that the file lists. */
  readonly listed: Uint8Array
  /** Gets the value of each voxel. `null`: the file is a mask and must not give values. */
  readonly values: Float32Array | null
}

/** What was found in a sparse file. */
export interface SparseSummary {
  /** Lines, the header among them. */
  readonly lines: number
  /** Largest voxel number, -1 if there is none. */
  readonly last: number
}

export interface SparseParser {
  push(chunk: Uint8Array): void
  end(): SparseSummary
}

/**
 * Reads `INDEX,VALUE` lines from bytes that arrive in chunks of any size, and refuses everything
 * that is not exactly that. Written by hand, against the rule to use a library, because it makes no
 * string of a line: 160 MB/s of processor time, where `split` and `Number` reach 40 without any
 * check (Node 20, 60 MB of CT and dose), and a data set has hundreds of megabytes to gigabytes.
 */
export function sparseParser(target: SparseTarget): SparseParser {
  const { label, listed, values } = target
  let line = 0
  let last = -1
  let blankFrom = 0
  let rest: Uint8Array = new Uint8Array(0)

  function refuse(problem: string): never {
    const form = values === null ? '"INDEX," without a value' : '"INDEX,VALUE"'
    throw new LshError('bad_input', `${label} line ${line}: ${problem}`, {
      hint: `Copy the file again from the original data set; after the header ",data" each line is ${form}.`,
    })
  }

  /** A number that is not plain digits, or why it is none. */
  function unusual(text: string): number {
    if (text === '') refuse('has no value')
    if (/^[+-]?(nan|inf(inity)?)$/i.test(text)) refuse(`value ${text} is not finite`)
    if (!numberPattern.test(text)) refuse(`malformed value "${text}"`)
    const value = Number(text)
    if (value < 0) refuse(`value ${text} is negative`)
    if (!Number.isFinite(Math.fround(value))) refuse(`value ${text} is not finite`)
    return value
  }

  function readNumber(bytes: Uint8Array, from: number, to: number): number {
    let digits = 0
    let seen = 0
    let fraction = -1
    for (let at = from; at < to; at++) {
      const digit = (bytes[at] as number) - zero
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit
        seen++
      } else if (bytes[at] === point && fraction < 0 && seen > 0) fraction = seen
      else return unusual(textOf(bytes, from, to))
    }
    // Up to 15 digits and powers of ten are exact, so that one division rounds as Number() does.
    if (seen === 0 || seen > 15) return unusual(textOf(bytes, from, to))
    return fraction < 0 ? digits : digits / (powersOfTen[seen - fraction] as number)
  }

  function readHeader(text: string): void {
    if (utf16Marks.includes(text.slice(0, 2))) refuse('file is in UTF-16, not in UTF-8')
    const said = text.startsWith(utf8Mark) ? text.slice(utf8Mark.length) : text
    if (said !== header && !headerPattern.test(said)) refuse(`header is "${said}", not "${header}"`)
  }

  /** A number of a voxel that is not plain digits; one that was rounded would be another voxel. */
  function unusualIndex(text: string): number {
    const [, whole = '', fraction = '', exponent = '0'] = indexPattern.exec(text) ?? []
    if (whole === '') return NaN
    const index = Number(text)
    if (fraction.length < Number(exponent)) refuse(`index ${text} is rounded`)
    return Number.isInteger(index) ? index : NaN
  }

  function readLine(bytes: Uint8Array, from: number, end: number): void {
    line++
    const to = end > from && bytes[end - 1] === carriageReturn ? end - 1 : end
    if (line === 1) {
      readHeader(textOf(bytes, from, to))
      return
    }
    if (to === from) {
      blankFrom ||= line
      return
    }
    // Blank lines may end a file; between others something is missing.
    if (blankFrom > 0) {
      line = blankFrom
      refuse('malformed line ""')
    }
    let at = from
    let index = 0
    for (; at < to && bytes[at] !== comma; at++) {
      const digit = (bytes[at] as number) - zero
      index = digit >= 0 && digit <= 9 ? index * 10 + digit : NaN
    }
    if (at > from && Number.isNaN(index)) index = unusualIndex(textOf(bytes, from, at))
    if (at === from || at === to || Number.isNaN(index))
      refuse(`malformed line "${textOf(bytes, from, to)}"`)
    if (index >= listed.length) refuse(`index ${index} is out of range 0 to ${listed.length - 1}`)
    if (listed[index] !== 0) refuse(`index ${index} is listed twice`)
    if (values !== null) values[index] = readNumber(bytes, at + 1, to)
    else if (at + 1 < to) refuse(`mask has the value "${textOf(bytes, at + 1, to)}"`)
    listed[index] = 1
    if (index > last) last = index
  }

  return {
    push(chunk) {
      let bytes = chunk
      if (rest.length > 0) {
        bytes = new Uint8Array(rest.length + chunk.length)
        bytes.set(rest)
        bytes.set(chunk, rest.length)
      }
      let from = 0
      // A call of indexOf costs more than these few steps.
      for (let to = 0; to < bytes.length; to++)
        if (bytes[to] === newline) {
          readLine(bytes, from, to)
          from = to + 1
        }
      rest = bytes.slice(from)
      if (rest.length > longestLine) {
        line++
        refuse(`malformed line "${textOf(rest, 0, 40)}…"`)
      }
    },
    end() {
      if (rest.length > 0) {
        line++
        refuse(`file is cut off: "${textOf(rest, 0, rest.length)}" does not end in a line feed`)
      }
      if (line === 0) refuse('file is empty')
      if (last < 0) refuse('file ends after the header, no voxel is listed')
      return { lines: line, last }
    },
  }
}

/** Bytes as text for a message; Latin-1, because any byte is a character in it. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  const shown = bytes.subarray(from, Math.min(to, from + longestLine))
  return String.fromCharCode(...shown)
}

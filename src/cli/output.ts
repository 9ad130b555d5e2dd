import Table from 'cli-table3'
import { stringify } from 'csv-stringify/sync'

/** A text stream, such as `process.stdout` and `process.stderr`. */
export interface TextStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
}

export interface OutputOptions {
  /** Prints the result as JSON on stdout, and nothing else there. (Default: false) */
  json?: boolean
  /** Suppresses messages and progress on stderr, but not warnings and results. (Default: false) */
  quiet?: boolean
  /** Stream for results. (Default: process.stdout) */
  stdout?: TextStream
  /** Stream for messages. (Default: process.stderr) */
  stderr?: TextStream
}

/** A column: a property of the row, optionally with a heading and a number of digits. */
export type Column<Row> = Key<Row> | ColumnOptions<Row>

export interface ColumnOptions<Row> {
  /** Property of the row. */
  key: Key<Row>
  /** Heading. (Default: the key) */
  label?: string
  /** Digits after the decimal point, if any number of the column has a fraction. (Default: 3) */
  digits?: number
}

type Key<Row> = keyof Row & string

/** Output of a command: results on stdout, messages on stderr. */
export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly stdout: TextStream
  readonly stderr: TextStream
  /** Prints a message; nothing if quiet. */
  say(text: string): void
  /** Prints a message even if quiet. */
  warn(text: string): void
  /** Prints rows as a table on stdout; nothing if the result is JSON. */
  table<Row extends object>(rows: readonly Row[], columns: readonly Column<Row>[]): void
  /** Prints rows as CSV with a heading on stdout; nothing if the result is JSON. */
  csv<Row extends object>(rows: readonly Row[], columns: readonly Column<Row>[]): void
  /** Prints the result as one line of JSON, the last on stdout; nothing without `--json`. */
  result(value: object): void
}

/** The output of a command, from the options of all commands. */
export function createOutput(options: OutputOptions = {}): Output {
  const { json = false, quiet = false, stdout = process.stdout, stderr = process.stderr } = options
  return {
    json,
    quiet,
    stdout,
    stderr,
    say: (text) => {
      if (!quiet) stderr.write(`${text}\n`)
    },
    warn: (text) => {
      stderr.write(`warning: ${text}\n`)
    },
    table: (rows, columns) => {
      if (!json) stdout.write(`${tableText(rows, columns)}\n`)
    },
    csv: (rows, columns) => {
      if (!json) stdout.write(csvText(rows, columns))
    },
    result: (value) => {
      if (json) stdout.write(`${jsonText(value)}\n`)
    },
  }
}

/** Rows as a text table, with numbers right-aligned, without a final newline. */
export function tableText<Row extends object>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): string {
  const shown = columns.map((column) => {
    const { key, label, digits } = complete(column)
    const values = rows.map((row) => row[key])
    return { label, right: areNumbers(values), cells: cells(values, digits) }
  })
  const table = new Table({
    head: shown.map((column) => column.label),
    colAligns: shown.map((column) => (column.right ? 'right' : 'left')),
    style: { head: [], border: [] },
  })
  table.push(...rows.map((_, i) => shown.map((column) => column.cells[i])))
  return table.toString()
}

/** Rows as CSV (RFC 4180, except for line ends), with all digits of numbers. */
export function csvText<Row extends object>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): string {
  return stringify([...rows], {
    header: true,
    columns: columns.map(complete).map(({ key, label }) => ({ key, header: label })),
    cast: { boolean: String, date: (date) => date.toISOString() },
  })
}

/** JSON on one line; typed arrays become lists, and a bigint becomes a number, or a string if it is too large. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') {
      const number = Number(part)
      return Number.isSafeInteger(number) ? number : String(part)
    }
    if (part instanceof DataView) return undefined
    return ArrayBuffer.isView(part) ? Array.from(part as Float64Array) : part
  })
}

function complete<Row>(column: Column<Row>): Required<ColumnOptions<Row>> {
  if (typeof column === 'string') return { key: column, label: column, digits: 3 }
  return { key: column.key, label: column.label ?? column.key, digits: column.digits ?? 3 }
}

function areNumbers(values: readonly unknown[]): boolean {
  const present = values.filter((value) => value !== null && value !== undefined)
  return present.length > 0 && present.every((v) => typeof v === 'number' || typeof v === 'bigint')
}

/** The cells of one column; if any number has a fraction, all get the same number of digits. */
function cells(values: readonly unknown[], digits: number): string[] {
  const whole = values.every((value) => typeof value !== 'number' || Number.isInteger(value))
  return values.map((value) => {
    if (value === null || value === undefined) return ''
    if (typeof value === 'number') return whole ? String(value) : value.toFixed(digits)
    if (value instanceof Date) return value.toISOString()
    return typeof value === 'string' || typeof value === 'bigint' ? String(value) : jsonText(value)
  })
}

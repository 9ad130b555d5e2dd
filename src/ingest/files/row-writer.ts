import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { once } from 'node:events'
import type { SchemaElement } from 'hyparquet'
import { fileWriter, ParquetWriter } from 'hyparquet-writer'

/** Type of a column; `reals` is a list of 4-byte numbers. */
export type ColumnType = 'int' | 'real' | 'text' | 'reals'

export type WrittenColumns = Readonly<Record<string, ColumnType>>

export type WrittenRow = Readonly<Record<string, unknown>>

export type RowFormat = 'ndjson' | 'parquet'

/** Writes rows in parts. The file only gets its name when it is complete. */
export interface RowWriter {
  readonly path: string
  write(rows: readonly WrittenRow[]): Promise<void>
  /** Completes the file. */
  finish(): Promise<void>
  /** Removes the incomplete file; does nothing if it is complete. */
  abandon(): Promise<void>
}

/** Opens a file `<path>.ndjson` or `<path>.parquet`. */
export function openRowWriter(path: string, columns: WrittenColumns, format: RowFormat): RowWriter {
  const whole = `${path}.${format}`
  const part = `${whole}.part`
  const writer = format === 'ndjson' ? ndjsonWriter(part, columns) : parquetWriter(part, columns)
  let open = true
  return {
    path: whole,
    write: (rows) => (rows.length === 0 ? Promise.resolve() : writer.write(rows)),
    finish: async () => {
      await writer.end()
      await rename(part, whole)
      open = false
    },
    abandon: async () => {
      if (!open) return
      await writer.end().catch(() => undefined)
      await rm(part, { force: true })
    },
  }
}

interface PartWriter {
  write(rows: readonly WrittenRow[]): Promise<void>
  end(): Promise<void>
}

function ndjsonWriter(path: string, columns: WrittenColumns): PartWriter {
  const stream = createWriteStream(path)
  // Reported to the caller of the next write instead of the event loop.
  let failure: Error | undefined
  stream.on('error', (error) => (failure = error))
  const names = Object.keys(columns)
  return {
    write: async (rows) => {
      const lines = rows.map((row) =>
        JSON.stringify(Object.fromEntries(names.map((name) => [name, plain(row[name])]))),
      )
      if (failure) throw failure
      if (!stream.write(`${lines.join('\n')}\n`)) await once(stream, 'drain')
    },
    end: async () => {
      if (failure) throw failure
      if (stream.closed) return
      stream.end()
      await once(stream, 'close')
    },
  }
}

/** JSON has no typed arrays; a 4-byte number is written with as many digits as it needs. */
function plain(value: unknown): unknown {
  return value instanceof Float32Array ? Array.from(value, shortest) : (value ?? null)
}

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

function parquetWriter(path: string, columns: WrittenColumns): PartWriter {
  const file = fileWriter(path)
  const writer = new ParquetWriter({ writer: file, schema: schemaOf(columns), statistics: false })
  let open = true
  return {
    // One row group per part, so that readers need as much memory as the writer.
    write: async (rows) => {
      const columnData = Object.keys(columns).map((name) => ({
        name,
        data: rows.map((row) =>
          row[name] instanceof Float32Array ? Array.from(row[name]) : (row[name] ?? null),
        ),
      }))
      await writer.write({ columnData, rowGroupSize: rows.length })
    },
    end: async () => {
      if (open) await writer.finish()
      open = false
    },
  }
}

function schemaOf(columns: WrittenColumns): SchemaElement[] {
  const root = { name: 'root', num_children: Object.keys(columns).length }
  return [root, ...Object.entries(columns).flatMap(([name, type]) => elementsOf(name, type))]
}

function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  switch (type) {
    case 'int':
      return [{ name, type: 'INT32', repetition_type: 'OPTIONAL' }]
    case 'real':
      return [{ name, type: 'FLOAT', repetition_type: 'OPTIONAL' }]
    case 'text':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }]
    case 'reals':
      return [
        { name, converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ]
  }
}

import { Option, type Command } from 'commander'
import { LshError } from '../../core/errors.js'
import { contextOf } from '../context.js'
import { csvText, tableText } from '../output.js'

export function addSqlCommand(program: Command): void {
  program
    .command('sql')
    .description('run SQL and print its rows; separate statements by semicolons')
    .argument('<statement>', 'for example "select count(*) from cbir.item"')
    .addOption(
      new Option('--format <format>', 'output format')
        .choices(['table', 'csv', 'json'])
        .default('table'),
    )
    .action(async (statement: string, options: { format: string }, command: Command) => {
      const { output, withStore } = contextOf(command)
      await withStore(async (store) => {
        // Several statements give several results; the last one with rows is printed.
        const results = [await store.pool.query<Record<string, unknown>>(statement)].flat()
        const result = results.findLast((one) => one.fields.length > 0)
        const json = output.json || options.format === 'json'
        if (!result) {
          if (json) output.stdout.write(`${JSON.stringify({ rows: [] })}\n`)
          output.say(`${results.at(-1)?.command ?? 'nothing'} done`)
          return
        }
        const columns = uniqueNames(result.fields.map((field) => field.name))
        if (json) {
          const text = JSON.stringify({ rows: result.rows.map(printable) })
          output.stdout.write(`${text}\n`)
        } else if (options.format === 'csv') {
          output.stdout.write(csvText(result.rows.map(printable), columns))
        } else {
          output.stdout.write(`${tableText(result.rows.map(printable), columns)}\n`)
          output.say(`${result.rows.length} ${result.rows.length === 1 ? 'row' : 'rows'}`)
        }
      })
    })
}

function uniqueNames(names: string[]): string[] {
  const doubled = names.find((name, i) => names.indexOf(name) !== i)
  if (doubled === undefined) return names
  throw new LshError('bad_usage', `two columns are called "${doubled}"`, {
    hint: `Give them different names: "select a as first, b as second …".`,
  })
}

/** Vectors in the format of pgvector; pictures and other bytes as their length. */
function printable(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Float32Array) return [name, `[${value.join(',')}]`]
      if (Buffer.isBuffer(value)) return [name, `<${value.length} bytes>`]
      return [name, value]
    }),
  )
}

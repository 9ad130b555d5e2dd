import { Option, type Command } from 'commander'
import type { RowFormat } from '../../ingest/files/row-writer.js'
import type { Store } from '../../store/connection/connect.js'
import { exportDataset, exportSize, type ExportedFile } from '../../store/plans/export-dataset.js'
import { contextOf, type Context } from '../context.js'
import { makeOutputFolder } from '../output-folder.js'
import { collect } from '../options.js'
import { startProgress } from '../progress.js'

interface ExportCommandOptions {
  dataset: string
  space: readonly string[]
  format: RowFormat
  out: string
}

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description(
      'export plans, structures and slices of a data set, and features with codes that "load vectors" can load',
    )
    .requiredOption('--dataset <name>', 'data set to export')
    .option('--space <name>', 'space to export, may be repeated', collect, [])
    .addOption(
      new Option('--format <name>', 'of the files')
        .choices(['ndjson', 'parquet'])
        .default('parquet'),
    )
    .requiredOption('--out <folder>', 'folder for the files, created if absent')
    .action(async (options: ExportCommandOptions, command: Command) => {
      const context = contextOf(command)
      const files = await context.withStore((store) => writeAll(context, store, options))
      for (const { path, rows } of files) context.output.say(`${path}: ${rows} rows`)
      context.output.result({ dataset: options.dataset, files })
    })
}

async function writeAll(
  { output, signal }: Context,
  store: Store,
  { dataset, space: spaces, format, out: folder }: ExportCommandOptions,
): Promise<ExportedFile[]> {
  await makeOutputFolder(folder)
  const total = await exportSize(store, dataset, spaces)
  const progress = startProgress(output, `export ${dataset}`, total)
  try {
    const onProgress = (rows: number, file: string) => progress.advance(rows, file)
    return await exportDataset(store, dataset, { spaces, format, folder, signal, onProgress })
  } finally {
    progress.finish()
  }
}

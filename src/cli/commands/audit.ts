import type { Command } from 'commander'
import { LshError } from '../../core/errors.js'
import { identifyingValues } from '../../ingest/dicom/plans/identifying-values.js'
import { findValues, type FindValuesOptions } from '../../store/plans/find-values.js'
import { contextOf } from '../context.js'

export function addAuditCommand(program: Command): void {
  const audit = program
    .command('audit')
    .description('check that the database holds no identifying values')

  audit
    .command('privacy')
    .description(
      'search every text and JSON column for names, numbers, dates and free text of DICOM files; exit with 1 if any is found',
    )
    .argument('<path...>', 'folders and zip archives from which plans were loaded')
    .option(
      '--dataset <name>',
      'search only this data set and objects that belong to none: families, indexes, spaces (default: everything)',
    )
    .action(async (paths: string[], options: FindValuesOptions, command: Command) => {
      const { output, withStore } = contextOf(command)
      const { values, files } = await identifyingValues(paths)
      if (files === 0)
        throw new LshError('bad_input', 'found no DICOM file with values to search for', {
          hint: 'Give the folders that the plans were loaded from.',
        })
      output.say(`looking for ${values.size} values of ${files} files`)
      const { columns, found } = await withStore((store) => findValues(store, values, options))
      // The values themselves are not printed, because they identify patients.
      if (found.length > 0) output.table(found, ['table', 'column', 'rows'])
      output.say(
        found.length === 0
          ? `none of them was found in ${columns} columns`
          : `${found.length} of ${columns} columns hold some of them`,
      )
      output.result({ ...options, files, values: values.size, columns, found })
      if (found.length > 0) process.exitCode = 1
    })
}

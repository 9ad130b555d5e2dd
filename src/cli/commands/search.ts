import type { Command } from 'commander'
import { similarSlices } from '../../search/similar-slices.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'

interface SearchCommandOptions {
  space: string
  item: number
  neighbours: number
  samePatient?: boolean
  candidates?: number
  probes?: number
}

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description('find the slices most similar to a stored one')
    .requiredOption('--space <name>', 'space in which they are compared')
    .requiredOption('--item <id>', 'slice to search with, a cbir.item.id', wholeNumber(1))
    .option('-k, --neighbours <count>', 'neighbours to return', wholeNumber(1), 10)
    .option('--same-patient', 'return slices of the query’s own patient too')
    .option(
      '--candidates <count>',
      'codes re-ranked by exact distance (default: the index’s)',
      wholeNumber(1),
    )
    .option('--probes <count>', 'buckets visited (default: the index’s)', wholeNumber(1))
    .action(async (options: SearchCommandOptions, command: Command) => {
      const { output, withStore } = contextOf(command)
      const { space, item, neighbours: k, samePatient = false, candidates, probes } = options
      const rows = await withStore((store) =>
        similarSlices(store.db, item, {
          space,
          k,
          excludeSamePatient: !samePatient,
          ...(candidates === undefined ? {} : { candidates }),
          ...(probes === undefined ? {} : { probes }),
        }).execute(),
      )
      output.table(rows, [
        'item_id',
        'distance',
        'hamming',
        'patient',
        'plan',
        'index',
        { key: 'position_mm', label: 'position [mm]', digits: 1 },
      ])
      output.result({ space, item, neighbours: rows })
    })
}

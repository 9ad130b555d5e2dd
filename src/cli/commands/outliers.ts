import type { Command } from 'commander'
import { outliers } from '../../compare/prediction/outliers.js'
import { dosedPlans } from '../../compare/prediction/plan-anatomies.js'
import { onlyDataset, patientsOf } from '../../store/plans/patients.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { startProgress } from '../progress.js'

interface OutliersCommandOptions {
  dataset?: string
  neighbours: number
  first: number
}

export function addOutliersCommand(program: Command): void {
  program
    .command('outliers')
    .description(
      'list plans whose dose differs from that of plans with a similar anatomy; a hint to check, not a finding',
    )
    .option('--dataset <name>', 'data set to compare (default: the only one)')
    .option(
      '-k, --neighbours <count>',
      'number of plans to compare each plan with',
      wholeNumber(1),
      10,
    )
    .option('--first <count>', 'number of plans to list', wholeNumber(1), 20)
    .action(async (options: OutliersCommandOptions, command: Command) => {
      const { output, withStore, signal } = contextOf(command)
      const { neighbours: k, first } = options
      const found = await withStore(async (store) => {
        const dataset = options.dataset ?? (await onlyDataset(store))
        const patients = (await patientsOf(store, dataset)).map(({ id }) => id)
        const { length } = await dosedPlans(store, patients)
        const progress = startProgress(output, `outliers ${dataset}`, length)
        try {
          const onProgress = () => progress.advance(1)
          return await outliers(store, { patients, k, signal, onProgress })
        } finally {
          progress.finish()
        }
      })
      const named = found.slice(0, first)
      output.table(
        named.map(({ criteria, ...one }) => ({
          ...one,
          why: criteria
            .map(
              ({ criterion, own, expected }) =>
                `${criterion} ${own.toFixed(1)} for ${expected.toFixed(1)}`,
            )
            .join(', '),
        })),
        [
          'plan_id',
          'plan',
          { key: 'score', label: 'score', digits: 1 },
          { key: 'dose_gap_gy', label: 'dose gap [Gy]', digits: 2 },
          { key: 'why', label: 'farthest criteria [Gy]' },
        ],
      )
      output.result({ plans: found })
    })
}

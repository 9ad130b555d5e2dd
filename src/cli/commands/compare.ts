import type { Command } from 'commander'
import { summarise } from '../../compare/summary.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { compare } from '../steps/compare.js'

interface CompareCommandOptions {
  space: string
  queries: number
  neighbours: number
  seed: number
  samePatient?: boolean
  candidates?: number
  probes?: number
  perQuery?: boolean
  dataset?: string
  against?: string[]
}

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('measure how well the search of a space agrees with the exact neighbours')
    .requiredOption('--space <name>', 'space to measure')
    .option('--dataset <name>', 'data set of the queries (default: all)')
    .option('--against <names...>', 'data sets to search (default: all)')
    .option(
      '--queries <count>',
      'number of slices of held-out patients, chosen by seed',
      wholeNumber(1),
      400,
    )
    .option('-k, --neighbours <count>', 'neighbours to compare', wholeNumber(1), 10)
    .option('--seed <number>', 'seed of the choice of queries', wholeNumber(0), 1)
    .option('--same-patient', 'include slices of the same patient among the neighbours')
    .option(
      '--candidates <count>',
      'codes re-ranked by exact distance (default: the index’s)',
      wholeNumber(1),
    )
    .option('--probes <count>', 'buckets visited (default: the index’s)', wholeNumber(1))
    .option('--per-query', 'with --json, print the figures of each query')
    .action(async (options: CompareCommandOptions, command: Command) => {
      const context = contextOf(command)
      const {
        space,
        neighbours: k,
        queries,
        seed,
        samePatient = false,
        candidates,
        probes,
        dataset,
        against,
      } = options
      const compared = await context.withStore((store) =>
        compare(context, store, space, {
          k,
          queries,
          seed,
          excludeSamePatient: !samePatient,
          ...(dataset === undefined ? {} : { dataset }),
          ...(against === undefined ? {} : { against }),
          ...(candidates === undefined ? {} : { candidates }),
          ...(probes === undefined ? {} : { probes }),
        }),
      )
      const summary = { space, k, ...summarise(compared) }
      context.output.table(
        [summary],
        [
          'space',
          'k',
          'queries',
          { key: 'dice', label: 'Dice' },
          { key: 'jaccard', label: 'Jaccard' },
          'recall',
          { key: 'code_loss', label: 'code loss' },
          { key: 'bucket_loss', label: 'bucket loss' },
          { key: 'visited_share', label: 'visited' },
          { key: 'milliseconds', label: 'ms', digits: 1 },
        ],
      )
      context.output.result(options.perQuery ? { ...summary, perQuery: compared } : summary)
    })
}

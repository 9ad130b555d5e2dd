import type { Command } from 'commander'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { loadPlans, openKbpPlans, phantomPlans, reportLoad } from '../steps/load.js'

/** Exit code when plans were refused and the others loaded. */
const SOME_REFUSED = 3

export function addLoadCommand(program: Command): void {
  const load = program.command('load').description('load treatment plans into the database')

  load
    .command('openkbp')
    .description(
      'load a tree of the OpenKBP challenge, <split>-pats/pt_<n>/*.csv; skips plans already loaded, exits 3 when some are refused',
    )
    .argument('<folder>', 'folder that holds the tree, or a part of it')
    .requiredOption('--dataset <name>', 'name the plans are stored under')
    .option('--strict', 'stop at the first plan that is refused')
    .action(
      async (folder: string, options: { dataset: string; strict?: boolean }, command: Command) => {
        const context = contextOf(command)
        const plans = await openKbpPlans(folder)
        const summary = await context.withStore((store) =>
          loadPlans(context, store, plans, options),
        )
        reportLoad(context, summary)
        context.output.result(summary)
        if (summary.refused.length > 0) process.exitCode = SOME_REFUSED
      },
    )

  load
    .command('synthetic')
    .description('load a made-up head-and-neck cohort, the same for the same seed')
    .option('--dataset <name>', 'name the plans are stored under', 'synthetic')
    .option('--patients <count>', 'patients, one plan each', wholeNumber(1), 24)
    .option('--seed <number>', 'decides anatomy and dose', wholeNumber(0), 1)
    .action(
      async (options: { dataset: string; patients: number; seed: number }, command: Command) => {
        const context = contextOf(command)
        const summary = await context.withStore((store) =>
          loadPlans(context, store, phantomPlans(options), options),
        )
        reportLoad(context, summary)
        context.output.result(summary)
      },
    )
}

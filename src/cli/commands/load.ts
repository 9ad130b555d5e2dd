import type { Command } from 'commander'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { dicomPlans } from '../steps/load-dicom.js'
import { pseudonymKey, type PseudonymKeyOptions } from '../steps/pseudonym-key.js'
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
    .command('dicom')
    .description(
      'load plans of DICOM RT (CT, RT structure set, RT plan, RT dose), whatever the names and order of the files; skips plans already loaded, exits 3 when some are refused',
    )
    .argument('<path...>', 'folders and zip archives')
    .requiredOption('--dataset <name>', 'name the plans are stored under')
    .option('--pseudonym-key <key>', 'key that patients are named with instead of their own names')
    .option(
      '--pseudonym-key-file <file>',
      'file with that key, made at first use (default: pg-lsh/pseudonym.key in XDG_CONFIG_HOME)',
    )
    .option('--strict', 'stop at the first plan that is refused')
    .action(
      async (
        paths: string[],
        options: { dataset: string; strict?: boolean } & PseudonymKeyOptions,
        command: Command,
      ) => {
        const context = contextOf(command)
        const key = await pseudonymKey(context.output, options)
        const { plans, leftOut } = await dicomPlans(context, paths, key)
        const summary = await context.withStore((store) =>
          loadPlans(context, store, plans, options),
        )
        reportLoad(context, summary)
        context.output.result({ ...summary, leftOut })
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

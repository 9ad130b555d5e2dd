import type { Command } from 'commander'
import type { PlanSource } from '../../ingest/plan-source.js'
import { contextOf } from '../context.js'
import { collect, wholeNumber } from '../options.js'
import { loadPlans, reportLoad, type LoadStepOptions } from '../steps/load.js'
import { openKbpPlans, phantomPlans } from '../steps/sources.js'

/** Exit code when plans were refused and the others loaded. */
const SOME_REFUSED = 3

export function addLoadCommand(program: Command): void {
  const load = program.command('load').description('load treatment plans into the database')

  withLoadOptions(
    load
      .command('openkbp')
      .description(
        'load a tree of the OpenKBP challenge, <split>-pats/pt_<n>/*.csv; skips plans already loaded, exits 3 when some are refused',
      )
      .argument('<folder>', 'folder that holds the tree, or a part of it')
      .requiredOption('--dataset <name>', 'name the plans are stored under'),
  ).action(async (folder: string, options: LoadStepOptions, command: Command) => {
    await loadAll(await openKbpPlans(folder), options, command)
  })

  withLoadOptions(
    load
      .command('synthetic')
      .description('load a made-up head-and-neck cohort, the same for the same seed')
      .option('--dataset <name>', 'name the plans are stored under', 'synthetic')
      .option('--patients <count>', 'patients, one plan each', wholeNumber(1), 24)
      .option('--seed <number>', 'decides anatomy and dose', wholeNumber(0), 1),
  ).action(
    async (options: LoadStepOptions & { patients: number; seed: number }, command: Command) => {
      await loadAll(phantomPlans(options), options, command)
    },
  )
}

/** Options that loading plans has, whatever kind they are of. */
function withLoadOptions(command: Command): Command {
  return command
    .option('--strict', 'stop at the first plan that is refused')
    .option(
      '--encode <space>',
      'add the features of what is loaded to this space, repeated for several; a joint one after its parts',
      collect,
    )
    .option(
      '--memory <MiB>',
      'what plans may take that are being read or wait to be stored (default: 512)',
      wholeNumber(1),
    )
    .option('--threads <count>', 'threads that read (default: the cores)', wholeNumber(1))
    .option(
      '--retry <seconds>',
      'how long a server may be away before the load gives up (default: 60)',
      wholeNumber(0),
    )
    .option('--log <file>', 'add a line of JSON for each plan: key, outcome, ms, slices, reason')
    .option('--reread', 'read plans too whose files have the sizes and times they had')
}

async function loadAll(
  plans: readonly PlanSource[],
  options: LoadStepOptions,
  command: Command,
): Promise<void> {
  const context = contextOf(command)
  const summary = await context.withStore((store) => loadPlans(context, store, plans, options))
  reportLoad(context, summary)
  context.output.result(summary)
  if (summary.refused.length > 0) process.exitCode = SOME_REFUSED
}

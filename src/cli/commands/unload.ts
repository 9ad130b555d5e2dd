import type { Command } from 'commander'
import { LshError } from '../../core/errors.js'
import { contextOf } from '../context.js'
import { retryOption } from '../options.js'
import { retryOptions } from '../retry-options.js'
import { unload, type UnloadOptions } from '../steps/unload.js'

export function addUnloadCommand(program: Command): void {
  program
    .command('unload')
    .description(
      'remove plans with their slices, structures, features and codes, one transaction for each plan; or images and neurons',
    )
    .option(
      '--dataset <name>',
      'remove all plans, images or neurons of this data set; with --plan, the data set of the plan',
    )
    .option('--plan <key>', 'key of a plan, such as train-pats/pt_3')
    .option('--yes', 'remove; without it, only report what would be removed')
    .addOption(retryOption())
    .action(async (options: UnloadOptions, command: Command) => {
      if (options.dataset === undefined && options.plan === undefined)
        throw new LshError('bad_usage', 'neither a data set nor a plan is named', {
          hint: 'Give --dataset NAME, --plan KEY or both.',
        })
      const context = contextOf(command)
      const gone = await context.withStore((store) => unload(context, store, options), {
        retry: retryOptions(context, options),
      })
      context.output.say(
        gone.items > 0
          ? `${gone.items} images or neurons removed`
          : `${gone.plans} plans with ${gone.slices} slices removed`,
      )
      context.output.result(gone)
    })
}

import { Option, type Command } from 'commander'
import { contextOf } from '../context.js'
import { indexSpace } from '../steps/hash.js'

interface IndexCommandOptions {
  space: string
  family?: string
  name?: string
  maintain: 'trigger' | 'loader'
}

export function addIndexCommand(program: Command): void {
  const index = program
    .command('index')
    .description('create hash indexes: tables of codes and buckets')

  index
    .command('create')
    .description('hash the features of a space and index the codes')
    .requiredOption('--space <name>', 'space to hash')
    .option('--family <name>', 'hash family (default: <space>_512, created if absent)')
    .option('--name <name>', 'name of the index (default: the space)')
    .addOption(
      new Option(
        '--maintain <how>',
        'what updates the codes: triggers, or the loader of this package',
      )
        .choices(['trigger', 'loader'])
        .default('trigger'),
    )
    .action(async ({ space, ...options }: IndexCommandOptions, command: Command) => {
      const context = contextOf(command)
      const created = await context.withStore((store) => indexSpace(context, store, space, options))
      context.output.say(
        `index ${created.index}: ${created.codes} codes by family ${created.family}`,
      )
      context.output.result({ ...created, space, maintain: options.maintain })
    })
}

import { Option, type Command } from 'commander'
import { contextOf } from '../context.js'
import { createIndex, familyName } from '../steps/hash.js'

interface IndexCommandOptions {
  space: string
  family?: string
  name?: string
  maintain: string
}

export function addIndexCommand(program: Command): void {
  const index = program.command('index').description('hash indexes: tables of codes and buckets')

  index
    .command('create')
    .description('hash the features of a space and index the codes')
    .requiredOption('--space <name>', 'space whose features are hashed')
    .option('--family <name>', 'hash family (default: <space>_kernel_512)')
    .option('--name <name>', 'name of the index (default: the space)')
    .addOption(
      new Option(
        '--maintain <how>',
        'who keeps the codes in step: triggers, or the loader of this package',
      )
        .choices(['trigger', 'loader'])
        .default('trigger'),
    )
    .action(async (options: IndexCommandOptions, command: Command) => {
      const context = contextOf(command)
      const { space, family = familyName(space, 512), maintain, name } = options
      const codes = await context.withStore((store) =>
        createIndex(context, store, space, {
          family,
          maintain,
          ...(name === undefined ? {} : { name }),
        }),
      )
      context.output.say(`index ${name ?? space}: ${codes} codes by family ${family}`)
      context.output.result({ index: name ?? space, space, family, codes, maintain })
    })
}

import type { Command } from 'commander'
import { migrate } from '../../store/schema/migrate.js'
import { contextOf, waitReporter, withStoreAt } from '../context.js'

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('create or update the schemas lsh, cbir and their functions; safe to repeat')
    .option('--down', 'remove all schemas, including data')
    .action(async (options: { down?: boolean }, command: Command) => {
      const { output, place } = contextOf(command)
      const direction = options.down ? 'down' : 'up'
      const onWait = waitReporter(output)
      const report = await withStoreAt(place, (store) => migrate(store, { direction, onWait }), {
        create: direction === 'up',
      })
      for (const name of report.applied)
        output.say(`${options.down ? 'removed' : 'applied'} ${name}`)
      if (report.installed) output.say('installed the functions and views')
      if (report.applied.length === 0 && !report.installed)
        output.say('nothing to do: the database is up to date')
      for (const { index, problem, hint } of report.unmended ?? [])
        output.warn(`index "${index}": ${problem}\n  ${hint}`)
      output.result(report)
    })
}

import type { Command } from 'commander'
import {
  distributeTables,
  undistributeTables,
  type DistributedTable,
} from '../../store/codes/distribute.js'
import { contextOf } from '../context.js'
import { collect, wholeNumber } from '../options.js'

interface DistributeCommandOptions {
  index: string[]
  shards?: number
  undo?: boolean
}

export function addDistributeCommand(program: Command): void {
  program
    .command('distribute')
    .description(
      'distribute indexed tables and their codes over the workers of Citus; run on the coordinator',
    )
    .option(
      '--index <name>',
      'only the table of this index, repeated for several (default: all)',
      collect,
      [],
    )
    .option(
      '--shards <count>',
      'shards of a table that is not distributed yet (default: two per worker)',
      wholeNumber(1),
    )
    .option('--undo', 'move them back to the coordinator')
    .action(async ({ index, shards, undo }: DistributeCommandOptions, command: Command) => {
      const { output, withStore } = contextOf(command)
      const chosen = index.length > 0 ? { indexes: index } : {}
      if (undo) {
        const tables: string[] = []
        await withStore(async (store) => {
          for await (const relation of undistributeTables(store, chosen)) {
            output.say(`${relation} is on the coordinator`)
            tables.push(relation)
          }
        })
        output.result({ tables })
        return
      }
      const tables: DistributedTable[] = []
      await withStore(async (store) => {
        for await (const table of distributeTables(store, {
          ...chosen,
          ...(shards !== undefined && { shards }),
        })) {
          output.say(
            `${table.relation} with ${table.indexes.join(', ')}: ${table.shards} shards over the workers`,
          )
          tables.push(table)
        }
      })
      output.result({ tables })
    })
}

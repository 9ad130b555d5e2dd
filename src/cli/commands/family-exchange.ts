import type { Command } from 'commander'
import { readFamilyFile, writeFamilyFile } from '../../hash/family-file.js'
import { addPackedFamily, packFamily } from '../../store/codes/exchange-family.js'
import { contextOf } from '../context.js'

/** `family export` and `family import`: the same family in several databases. */
export function addFamilyExchangeCommands(family: Command): void {
  family
    .command('export <name> <file>')
    .description('write a family to a file, to use it in another database')
    .action(async (name: string, file: string, _: object, command: Command) => {
      const { output, withStore } = contextOf(command)
      const packed = await withStore((store) => packFamily(store, name))
      await writeFamilyFile(file, packed)
      const { checksum } = packed.family
      output.say(`family ${name} written to ${file}, checksum ${checksum.slice(0, 12)}`)
      output.result({ name, file, checksum })
    })

  family
    .command('import <file>')
    .description(
      'import an exported family into this database; it makes the same codes as in the other one',
    )
    .option('--name <name>', 'name of the family here (default: the exported one)')
    .action(async (file: string, options: { name?: string }, command: Command) => {
      const { output, withStore } = contextOf(command)
      const packed = await readFamilyFile(file)
      const added = await withStore((store) => addPackedFamily(store, packed, options), {
        create: true,
      })
      const { name, checksum, known } = added
      output.say(
        `family ${name} ${known ? 'already exists here' : 'imported'}, checksum ${checksum.slice(0, 12)}`,
      )
      output.result(added)
    })
}

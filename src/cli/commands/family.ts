import type { Command } from 'commander'
import { contextOf } from '../context.js'
import { positiveNumber, wholeNumber } from '../options.js'
import { createFamily } from '../../store/create-index.js'

interface FamilyCommandOptions {
  space: string
  name?: string
  bits: number
  seed: number
  bandwidth?: number
}

export function addFamilyCommand(program: Command): void {
  const family = program
    .command('family')
    .description('hash families: random directions, drawn once and kept')

  family
    .command('create')
    .description('draw a kernel hash family for a space, its bandwidth calibrated on the features')
    .requiredOption('--space <name>', 'space whose features it is for')
    .option('--name <name>', 'name of the family (default: <space>_kernel_<bits>)')
    .option('--bits <count>', 'bits of a code, 16 to 8192', wholeNumber(16), 512)
    .option('--seed <number>', 'the same seed draws the same family', wholeNumber(0), 1)
    .option(
      '--bandwidth <gamma>',
      'gamma of exp(-gamma |x-y|^2 / 2) (default: calibrated)',
      positiveNumber,
    )
    .action(async (options: FamilyCommandOptions, command: Command) => {
      const { output, withStore } = contextOf(command)
      await withStore(async (store) => {
        const name = await createFamily(store, options.space, options)
        const row = await store.db
          .selectFrom('lsh.family')
          .select([
            'name',
            'kind',
            'dims',
            'bits',
            'bandwidth',
            'bucket_bits',
            'calibration',
            'checksum',
          ])
          .where('name', '=', name)
          .executeTakeFirstOrThrow()
        output.say(
          `family ${name}: ${row.bits} bits, bandwidth ${row.bandwidth.toPrecision(4)}, ` +
            `${2 ** row.bucket_bits} buckets, checksum ${row.checksum.slice(0, 12)}`,
        )
        output.result(row)
      })
    })
}

import { Option, type Command } from 'commander'
import { LshError } from '../../core/errors.js'
import type { FamilyKind } from '../../hash/family.js'
import type { Store } from '../../store/connect.js'
import { contextOf } from '../context.js'
import { positiveNumber, wholeNumber } from '../options.js'
import { createFamilyOf } from '../../store/create-family.js'
import { createFamily } from '../../store/create-index.js'

interface FamilyCommandOptions {
  space?: string
  relation?: string
  column: string
  name?: string
  kind: FamilyKind
  buckets: 'directions' | 'voronoi'
  levels: number
  bits: number
  seed: number
  bandwidth?: number
}

export function addFamilyCommand(program: Command): void {
  const family = program
    .command('family')
    .description('hash families: directions and cells, drawn or learned once and kept')

  family
    .command('create')
    .description('make a hash family for a space or a vector column, calibrated on its data')
    .option('--space <name>', 'space whose features it is for')
    .option('--relation <table>', 'table whose vectors it is for, instead of a space')
    .option('--column <name>', 'its column of vectors', 'embedding')
    .option('--name <name>', 'name of the family (default: <space>_<kind>_<bits>)')
    .addOption(
      new Option(
        '--kind <kind>',
        'how vectors become bits; itq is learned, residual has learned cells',
      )
        .choices(['kernel', 'cosine', 'sign', 'itq', 'qary', 'residual'])
        .default('kernel'),
    )
    .addOption(
      new Option('--buckets <kind>', 'how rows are found: sides of directions, or learned cells')
        .choices(['directions', 'voronoi'])
        .default('directions'),
    )
    .option('--levels <q>', 'levels of a qary family, 3 to 16', wholeNumber(3), 4)
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
        const name = await create(store, options)
        const row = await store.db
          .selectFrom('lsh.family')
          .select([
            'name',
            'kind',
            'dims',
            'bits',
            'bandwidth',
            'bucket_kind',
            'bucket_count',
            'calibration',
            'checksum',
          ])
          .where('name', '=', name)
          .executeTakeFirstOrThrow()
        output.say(
          `family ${name}: ${row.kind}, ${row.bits} bits, ` +
            (row.bandwidth === null ? '' : `bandwidth ${row.bandwidth.toPrecision(4)}, `) +
            `${row.bucket_count} buckets, checksum ${row.checksum.slice(0, 12)}`,
        )
        output.result(row)
      })
    })
}

async function create(store: Store, options: FamilyCommandOptions): Promise<string> {
  const {
    space,
    relation,
    column,
    name = `${relation ?? ''}_${options.kind}_${options.bits}`,
  } = options
  if (space !== undefined && relation === undefined) return createFamily(store, space, options)
  if (relation !== undefined && space === undefined) {
    return (await createFamilyOf(store, { relation, column }, { ...options, name })).name
  }
  throw new LshError('bad_usage', 'a family is for either a space or a table', {
    hint: 'Give --space NAME, or --relation TABLE with --column NAME.',
  })
}

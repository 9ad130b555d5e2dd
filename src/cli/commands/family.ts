import { Option, type Command } from 'commander'

import type { Store } from '../../store/connection/connect.js'
import { contextOf } from '../context.js'
import { positiveNumber, wholeNumber } from '../options.js'
import { vectorSource, withVectorSource, type VectorSourceOptions } from '../vector-source.js'
import { addFamilyEvaluateCommand } from './family-evaluate.js'
import { addFamilyExchangeCommands } from './family-exchange.js'
import { addFamilyTrainCommand } from './family-train.js'
import { createFamilyOf } from '../../store/codes/create-family.js'
import { createFamily, familyName } from '../../store/codes/create-index.js'
import { FAMILY_KINDS, type FamilyKind } from '../../hash/kinds.js'

interface FamilyCommandOptions extends VectorSourceOptions {
  name?: string
  kind?: FamilyKind
  rerank: boolean
  buckets?: 'directions' | 'voronoi'
  levels: number
  bits: number
  seed: number
  bandwidth?: number
}

export function addFamilyCommand(program: Command): void {
  const family = program.command('family').description('create, train and measure hash families')

  withVectorSource(
    family
      .command('create')
      .description('create a hash family for a space or a vector column, calibrated on its data'),
    'it is for',
  )
    .option(
      '--name <name>',
      'name of the family (default: <space>_<bits>, with --kind <space>_<kind>_<bits>)',
    )
    .addOption(
      new Option(
        '--kind <kind>',
        'how vectors become bits (default: the kind whose codes find most neighbours of a sample)',
      ).choices(FAMILY_KINDS),
    )
    .option('--no-rerank', 'choose the kind for searches that read no vectors, with --candidates 0')
    .addOption(
      new Option(
        '--buckets <kind>',
        'buckets: sides of directions, or learned cells (default: directions; cells for residual and scalar)',
      ).choices(['directions', 'voronoi']),
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
            (row.calibration.dice ? `${chosenBy(row.calibration.dice)}, ` : '') +
            (row.bandwidth === null ? '' : `bandwidth ${row.bandwidth.toPrecision(4)}, `) +
            `${row.bucket_count} buckets, checksum ${row.checksum.slice(0, 12)}`,
        )
        output.result(row)
      })
    })

  addFamilyTrainCommand(family)
  addFamilyEvaluateCommand(family)
  addFamilyExchangeCommands(family)
}

/** The Dice of the compared kinds, best first. */
function chosenBy(dice: Readonly<Record<string, number>>): string {
  const all = Object.entries(dice).sort(([, a], [, b]) => b - a)
  return `chosen by Dice of the ten nearest in a sample (${all.map(([kind, value]) => `${kind} ${value.toFixed(3)}`).join(', ')})`
}

async function create(store: Store, options: FamilyCommandOptions): Promise<string> {
  const source = vectorSource(options)
  const { space: _space, relation: _relation, column: _column, ...how } = options
  if ('space' in source) return createFamily(store, source.space, how)
  const { name = familyName(source.relation, how.bits, how.kind) } = how
  return (await createFamilyOf(store, source, { ...how, name })).name
}

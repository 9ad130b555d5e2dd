import { InvalidArgumentError, type Command } from 'commander'
import { evaluateFamilies, type FamiliesEvaluation } from '../../compare/evaluate-families.js'

import { TRAIN_METHODS } from '../../hash/train-options.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { startProgress } from '../progress.js'
import { vectorSource, withVectorSource, type VectorSourceOptions } from '../vector-source.js'
import { FAMILY_KINDS } from '../../hash/kinds.js'

interface FamilyEvaluateOptions extends VectorSourceOptions {
  bits: number[]
  kinds: string[]
  seeds: number
  queries: number
  sample: number
  rows: number
}

const ALL: readonly string[] = [...FAMILY_KINDS, ...TRAIN_METHODS]

export function addFamilyEvaluateCommand(family: Command): void {
  withVectorSource(
    family
      .command('evaluate')
      .description(
        'fit and train families of all kinds on some patients, and measure their codes on held-out patients',
      ),
    'are hashed',
  )
    .option(
      '--bits <lengths>',
      'code lengths, multiples of 32',
      lengths,
      [64, 128, 256, 512, 1024, 4096],
    )
    .option(
      '--kinds <list>',
      `kinds and methods of training to measure (default: ${ALL.join(',')})`,
      kindsOf,
      [...ALL],
    )
    .option('--seeds <count>', 'measure seeds 1 to this number', wholeNumber(1), 5)
    .option('--queries <count>', 'rows used as queries', wholeNumber(1), 400)
    .option('--sample <rows>', 'rows used for fitting', wholeNumber(200), 5000)
    .option('--rows <count>', 'rows of the archive', wholeNumber(200), 20_000)
    .action(async (options: FamilyEvaluateOptions, command: Command) => {
      const { output, signal, withStore } = contextOf(command)
      const { kinds: wanted, bits, space, relation } = options
      const source = vectorSource(options)
      const kinds = FAMILY_KINDS.filter((kind) => wanted.includes(kind))
      const methods = TRAIN_METHODS.filter((method) => wanted.includes(method))
      const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1)
      const steps = seeds.length * (bits.length * (kinds.length + methods.length) + 1)
      const evaluation = await withStore(async (store) => {
        const progress = startProgress(output, `evaluate ${space ?? relation}`, steps)
        try {
          return await evaluateFamilies(store, source, {
            ...options,
            kinds,
            methods,
            seeds,
            signal,
            onStep: (step) => progress.advance(1, step),
          })
        } finally {
          progress.finish()
        }
      })
      output.table(
        tableOf(evaluation),
        ['kind', 'ranked by', ...bits.map(String)].map((key) => ({ key })),
      )
      output.result(evaluation)
    })
}

/** A row for each kind and ranking: `mean ± spread` for each length. */
function tableOf(evaluation: FamiliesEvaluation): Record<string, string>[] {
  const { dice_at_10, dice_at_10_ranked, spread, spread_ranked, bits } = evaluation
  const part = (by: string, means: typeof dice_at_10, spreads: typeof dice_at_10) =>
    Object.entries(means).map(([kind, byBits]) => ({
      kind,
      'ranked by': by,
      ...Object.fromEntries(
        bits.map((length) => {
          const [mean, own] = [byBits[length], spreads[kind]?.[length]]
          return [
            String(length),
            mean === undefined ? '' : `${mean.toFixed(3)} ± ${own?.toFixed(3)}`,
          ]
        }),
      ),
    }))
  return [
    ...part('Hamming', dice_at_10, spread),
    ...part('margins or estimate', dice_at_10_ranked, spread_ranked),
  ]
}

function lengths(text: string): number[] {
  const values = text.split(',').map(Number)
  if (
    values.every((bits) => Number.isInteger(bits) && bits >= 32 && bits <= 8192 && bits % 32 === 0)
  )
    return [...new Set(values)].sort((a, b) => a - b)
  throw new InvalidArgumentError('They must be multiples of 32 from 32 to 8192: 64,128,256.')
}

function kindsOf(text: string): string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !ALL.includes(name))
  if (unknown === undefined) return names
  throw new InvalidArgumentError(`"${unknown}" is none of ${ALL.join(', ')}.`)
}

import { Option, type Command } from 'commander'
import { TRAIN_METHODS, type TrainedKind, type TrainMethod } from '../../hash/train-options.js'
import { trainFamilyOf } from '../../store/codes/train-family.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { startProgress } from '../progress.js'
import { vectorSource, withVectorSource, type VectorSourceOptions } from '../vector-source.js'

interface FamilyTrainOptions extends VectorSourceOptions {
  bits: number
  method?: TrainMethod
  kind?: TrainedKind
  name?: string
  buckets: 'directions' | 'voronoi'
  seed: number
  steps?: number
  wasserstein?: number
  labels?: boolean
}

/** Steps of a complete progress. */
const WHOLE = 100

export function addFamilyTrainCommand(family: Command): void {
  withVectorSource(
    family
      .command('train')
      .description('train the kernel of a hash family on a space or a vector column'),
    'it is for',
  )
    .addOption(
      new Option(
        '--method <method>',
        'schoenberg: a mixture of bandwidths that agrees with clusters; particles: the directions themselves; rank: the codes that find most neighbours of held-out rows; discriminants: sides of hyperplanes by classes, with --labels (default: rank; with --labels discriminants)',
      ).choices(TRAIN_METHODS),
    )
    .addOption(
      new Option(
        '--kind <kind>',
        'kernel has random thresholds, cosine has none; rank and discriminants train only cosine (default: cosine)',
      ).choices(['kernel', 'cosine']),
    )
    .option('--name <name>', 'name of the family (default: <space or table>_<method>_<bits>)')
    .addOption(
      new Option('--buckets <kind>', 'buckets: sides of directions, or learned cells')
        .choices(['directions', 'voronoi'])
        .default('directions'),
    )
    .option(
      '--labels',
      'train on the classes of items, except held-out items, so that items of the same class get similar codes',
    )
    .option('--bits <count>', 'bits of a code, 16 to 8192', wholeNumber(16), 512)
    .option('--seed <number>', 'the same seed trains the same family', wholeNumber(0), 1)
    .option('--steps <count>', 'maximum number of gradient steps', wholeNumber(0))
    .option(
      '--wasserstein <weight>',
      'for method schoenberg: strength of the pull towards the calibrated bandwidth (default: 0)',
      Number,
    )
    .action(async (options: FamilyTrainOptions, command: Command) => {
      const { output, signal, withStore } = contextOf(command)
      const {
        space,
        relation,
        bits,
        labels,
        method = labels ? 'discriminants' : 'rank',
        ...given
      } = options
      const { name = `${space ?? relation}_${labels ? 'labels' : method}_${bits}` } = given
      const source = vectorSource(options)
      await withStore(async (store) => {
        const progress = startProgress(output, `train ${name}`, WHOLE)
        let shown = 0
        const started = performance.now()
        try {
          const onProgress = (share: number) => {
            const now = Math.floor(WHOLE * share)
            progress.advance(now - shown)
            shown = now
          }
          const { family, figures, sampled } = await trainFamilyOf(store, source, {
            ...given,
            method,
            bits,
            name,
            ...(labels && { byLabels: true }),
            onProgress,
            signal,
          })
          // Training may stop early.
          progress.complete()
          const seconds = Math.round((performance.now() - started) / 100) / 10
          output.say(
            `family ${name}: ${family.kind}, ${bits} bits; for ${figures.held_out} held-out rows it finds ` +
              `${percent(figures.trained)} of ${labels ? 'their class among 10' : 'the 10 nearest'}, untrained ${percent(figures.untrained)}; ` +
              `step ${figures.kept} of ${figures.steps} kept, checksum ${family.checksum.slice(0, 12)}`,
          )
          output.result({
            name,
            kind: family.kind,
            dims: family.dims,
            bits,
            bandwidth: family.bandwidth,
            checksum: family.checksum,
            sampled,
            seconds,
            training: figures,
          })
        } finally {
          progress.finish()
        }
      })
    })
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

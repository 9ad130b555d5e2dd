import type { Command } from 'commander'
import type { AnyPreprocessing, TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { contextOf } from '../context.js'
import { makeOutputFolder } from '../output-folder.js'
import { collect, positiveNumber, wholeNumber } from '../options.js'
import { stateFolder } from '../user-folders.js'
import { train } from '../steps/features.js'
import { TRAINED_SPACES } from '../../store/encode/known-spaces.js'
import { onlyDataset } from '../../store/plans/patients.js'

interface TrainCommandOptions {
  space: string[]
  dataset?: string
  epochs?: number
  minutes?: number
  seed: number
  every: number
  size?: number
  checkpoint?: string
  replace?: boolean
}

export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train the encoders of spaces on the plans of a data set, several side by side')
    .requiredOption(
      '--space <name>',
      `space, may be repeated: ${TRAINED_SPACES.join(', ')}`,
      collect,
    )
    .option(
      '--dataset <name>',
      'data set whose patients are trained on, except held-out ones (default: the only one)',
    )
    .option(
      '--epochs <count>',
      'maximum number of passes over the slices (default: depends on the space)',
      wholeNumber(1),
    )
    .option('--minutes <count>', 'time limit of each training in minutes', positiveNumber)
    .option(
      '--seed <number>',
      'seed of split, initial weights and order; the same seed gives the same encoder',
      wholeNumber(0),
      1,
    )
    .option('--every <n>', 'train on every n-th slice of a plan', wholeNumber(1), 1)
    .option(
      '--size <pixels>',
      'rows and columns of the frames, a multiple of 16 (default: 64; of images and neurons 48)',
      wholeNumber(16),
    )
    .option(
      '--checkpoint <folder>',
      'folder for progress after each pass, from which a stopped training resumes (default: the state folder of the user)',
    )
    .option('--replace', 'train again, and drop the features and indexes of the old encoder')
    .action(async (options: TrainCommandOptions, command: Command) => {
      const context = contextOf(command)
      const spaces = [...new Set(options.space)]
      const trained = await context.withStore(async (store) => {
        const dataset = options.dataset ?? (await onlyDataset(store))
        const checkpoint = options.checkpoint ?? stateFolder()
        await makeOutputFolder(checkpoint, '--checkpoint')
        return train(context, store, { ...options, dataset, spaces, checkpoint })
      })
      context.output.result({ encoders: trained.map((encoder, i) => summary(spaces[i], encoder)) })
    })
}

function summary(space: string | undefined, encoder: TrainedEncoder<AnyPreprocessing>) {
  const { architecture, dims, history, baselineLoss, loss, quality, backend, checksum } = encoder
  const epochs = history.length
  return { space, architecture, dims, epochs, baselineLoss, loss, quality, backend, checksum }
}
